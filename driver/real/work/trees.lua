-- trees.lua DEPTH: binary trees, long strings built piece by piece, closures.
local depth = tonumber(arg[1])

local function grow(levels)
  if levels == 0 then return {} end
  return {grow(levels - 1), grow(levels - 1)}
end

local function count(tree)
  return tree[1] and 1 + count(tree[1]) + count(tree[2]) or 1
end

local lasting = grow(depth)
for levels = 4, depth, 2 do
  local nodes = 0
  for _ = 1, 2 ^ (depth - levels) do nodes = nodes + count(grow(levels)) end
  print(levels, nodes)
end
print(count(lasting))

local words, seen, calls = {}, {}, {}
for i = 1, 2 ^ depth // 2 do
  local word = string.format("%x", i * 7919 % 65521):rep(i % 7 + 1)
  words[#words + 1] = word
  seen[word] = (seen[word] or 0) + 1
  calls[#calls + 1] = function() return #word + i end
end
table.sort(words)
local sum = 0
for _, call in ipairs(calls) do sum = sum + call() end
local text = table.concat(words, " ")
local changed, changes = text:gsub("(%a)(%d)", "%2%1")
print(sum, #text, changes, changed:sub(1, 60))
