" Edit a long text: substitute, sort, undo, macros over lines, folds by regex.
set nocompatible undolevels=1000
%s/\<\(\w\)\(\w*\)\>/\u\1\2/ge
g/^\s*$/d
%s/\s\+/ /ge
let words = {}
for line in getline(1, '$')
  for word in split(line, '\W\+')
    let words[word] = get(words, word, 0) + 1
  endfor
endfor
call append(0, map(items(words), 'v:val[0] . ": " . v:val[1]'))
1,200sort u
undo
redo
g/The/normal A (seen)
v/a/m0
undo
qa!
