# serve.sh DIR [OPTION...] - a redis server, started with these options, on a
# socket in DIR, loaded by redis-benchmark.
set -eu
socket=$1/redis.sock
shift

redis-server --port 0 --unixsocket "$socket" --save "" --appendonly no \
    "$@" &
server=$!
until [ -S "$socket" ]; do
    kill -0 "$server" # ends the script when the server is gone
    sleep 0.1
done
redis-benchmark -s "$socket" -n 500 -r 300 -q -t set,get,lpush,sadd,zadd,hset,incr
redis-cli -s "$socket" shutdown nosave
wait "$server"
