create table people(id integer primary key, name text, city text);
create table orders(id integer primary key, person integer, amount integer, note text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
insert into people select i, 'person ' || (i * 7919 % 2000), 'city ' || (i % 37) from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 6000)
insert into orders select i, i * 31 % 2000 + 1, i * 17 % 501, substr('abcdefghijklmnopqrstuvwxyz', i % 20 + 1, i % 7) from n;
create index of_person on orders(person);
select city, count(*), sum(amount), group_concat(distinct note) from people join orders on person = people.id group by city order by sum(amount) desc, city limit 12;
delete from orders where amount % 3 = 0;
vacuum;
select count(*), sum(length(note)), max(amount) from orders;
pragma integrity_check;
