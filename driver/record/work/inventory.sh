# Arrays, associative arrays and string surgery in one shell.
declare -A stock
declare -a log

note() {
    local text=$1
    log+=("${text//[[:space:]]/_}")
}

receive() {
    local name=$1 count=$2
    stock[$name]=$((${stock[$name]:-0} + count))
    note "received $count of $name: ${stock[$name]}"
}

sell() {
    local name=$1 count=$2
    if ((${stock[$name]:-0} < count)); then
        note "no more $name"
        return 1
    fi
    stock[$name]=$((${stock[$name]} - count))
}

for ((i = 0; i < 150; i++)); do
    name="part-$((i * 17 % 61))"
    receive "$name" $((i % 7 + 1))
    sell "part-$((i * 5 % 61))" 3 || receive "part-$((i * 5 % 61))" 10
    case $name in
    *-1? | *-2?) note "shelf ${name##*-}: ${stock[$name]} left" ;;
    *) printf -v line '%s=%05d' "${name^^}" "${stock[$name]}"; note "$line" ;;
    esac
done
echo "${#log[@]} notes, the last one: ${log[-1]}"
