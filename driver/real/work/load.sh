# load.sh PORT COUNT: load the redis server there, ask what it holds, end it.
set -eu
cli="redis-cli -e -p $1"

tries=0
until [ "$($cli ping 2>/dev/null)" = PONG ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ]
    sleep 0.05
done

# Which keys it takes is drawn anew each time, so these go to a base apart.
redis-benchmark -p "$1" --dbnum 1 -n "$2" -r 1000 -d 100 -q \
    -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset >/dev/null

$cli eval "for i = 1, ARGV[1] do
        local text = string.rep(tostring(i), i % 50)
        redis.call('set', 'text' .. i, text)
        redis.call('append', 'long', text)
        redis.call('rpush', 'list' .. i % 20, text, i)
        redis.call('hset', 'hash' .. i % 30, i, text)
        redis.call('zadd', 'set', i * 7919 % 1009, 'member' .. i)
        if i % 3 == 0 then redis.call('del', 'text' .. i - 1) end
    end
    return redis.call('dbsize')" 0 "$2"
$cli lrange list7 0 -1 | cksum
$cli hgetall hash11 | sort | cksum
$cli zrange set 0 -1 | cksum
$cli sort list3 by nosort get "text*" limit 0 50 | cksum
$cli get long | cksum
$cli shutdown nosave
