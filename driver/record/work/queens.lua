-- Tables, closures and strings: all solutions of n queens, kept in a tree.
local function tokens(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local function safe(board, row, column)
  for r = 1, row - 1 do
    local c = board[r]
    if c == column or math.abs(c - column) == row - r then return false end
  end
  return true
end

local function solve(size, row, board, found)
  if row > size then
    local copy = {}
    for i, c in ipairs(board) do copy[i] = c end
    found[#found + 1] = {columns = copy, text = table.concat(copy, " ")}
    return
  end
  for column = 1, size do
    if safe(board, row, column) then
      board[row] = column
      solve(size, row + 1, board, found)
    end
  end
end

local Tree = {}
Tree.__index = Tree

function Tree.insert(node, key, value)
  if not node then return setmetatable({key = key, value = value}, Tree) end
  if key < node.key then node.left = Tree.insert(node.left, key, value)
  elseif key > node.key then node.right = Tree.insert(node.right, key, value)
  else node.value = value end
  return node
end

function Tree.walk(node, visit)
  if not node then return end
  Tree.walk(node.left, visit)
  visit(node.key, node.value)
  Tree.walk(node.right, visit)
end

for size = 4, 9 do
  local found, tree = {}, nil
  solve(size, 1, {}, found)
  for i, s in ipairs(found) do
    tree = Tree.insert(tree, s.text:reverse(), function() return i, s end)
  end
  local lines = {}
  Tree.walk(tree, function(key, value)
    local i, s = value()
    local words = tokens(key)
    lines[#lines + 1] = string.format("%d: %s (%d words) %s", i, s.text,
      #words, table.concat(words, "-"))
  end)
  print(size, #found, #table.concat(lines, "\n"))
end
