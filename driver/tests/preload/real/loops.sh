# Variables, arrays, subshells, pipes and traps, in bash.
declare -A seen
for i in {1..400}; do
    word=$((i * 7919 % 211))-x
    seen[$word]=$((${seen[$word]:-0} + i))
done
printf '%s %s\n' "${!seen[@]}" | head -c 200000 | wc -w
for key in $(printf '%s\n' "${!seen[@]}" | sort); do
    sum=$((${sum:-0} * 31 % 1000003 + seen[$key]))
done
echo "$sum $(echo "${seen[@]}" | tr ' ' '\n' | sort -n | tail -n 3 | tr '\n' ' ')"
trap 'echo bye' EXIT
(for i in 1 2 3; do echo "$i" | (read -r x; echo $((x * 2))); done)
