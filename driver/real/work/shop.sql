-- A shop's books on disk, with size(n) items; the answers, and a check of all.
pragma synchronous = off;
create table item(id integer primary key, name text, price integer);
create table sale(id integer primary key, item integer, day text, count integer);

with recursive n(i) as (select 1 union all select i + 1 from n, size where i < size.n)
insert into item select i, 'item ' || substr(hex(i * 7919), 1, 3 + i % 9),
                        100 + i * 37 % 900 from n;

with recursive n(i) as (select 1 union all select i + 1 from n, size where i < 6 * size.n)
insert into sale select i, 1 + i * 7 % (select n from size),
                        date('2024-01-01', '+' || (i * 13 % 365) || ' days'),
                        1 + i % 5 from n;

create index sale_day on sale(day);
create index sale_item on sale(item);
create index item_name on item(name collate nocase);

select day, sum(count * price) as taken from sale join item on item = item.id
 group by day order by taken desc limit 5;
select substr(name, 6, 1) as letter, count(*), length(group_concat(name, ', '))
  from item group by letter;

begin;
update item set price = price * 11 / 10 where name like '%3%';
update item set name = name || ' (new)' where id % 9 = 0;
delete from sale where day < '2024-02-01';
commit;

select i.name, (select count(*) from sale s where s.item = i.id) as sold
  from item i where sold > 6 order by i.name limit 20;
with best as (select item, sum(count) as n from sale group by item)
select strftime('%m', day) as month, max(n), avg(n) from sale join best
 using (item) group by month;
select length(json_group_array(json_object('id', id, 'name', name))) from item;
select sum(price), count(*), sum(length(name)) from item;
pragma integrity_check;
