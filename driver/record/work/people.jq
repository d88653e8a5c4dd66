# Make records, group, join and reshape them, render a report.
def people: [range(400) | {
    id: ., name: "name\(. * 31 % 97)", age: (20 + . * 7 % 50),
    tags: [range(. % 4) | "tag\(.)"], city: ["Bern", "Oslo", "Rome"][. % 3]
}];
people as $all
| ($all | group_by(.city) | map({
    city: .[0].city, count: length, mean: (map(.age) | add / length),
    names: (map(.name) | unique | join(", "))
})),
($all | map(select(.age > 40) | .name |= ascii_upcase | del(.tags)) | length),
($all | map({(.name): .age}) | add | to_entries | sort_by(.value) | .[0:3]),
($all | tojson | fromjson | map(.tags | length) | add)
