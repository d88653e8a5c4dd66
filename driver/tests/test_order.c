/* test_order.c - which thread plays what, and what it waits for. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "../order.h"

static struct order order;
static struct trace trace;

enum { MANY = 300 };

static struct trace_op ops[4 * MANY];

static struct trace_op op(uint16_t thread, enum trace_kind kind, int32_t id)
{
    return (struct trace_op){
        .thread = thread, .kind = (uint8_t)kind, .id = id, .size = 8};
}

/* Work out the order of the first `count` of ops. */
static void open_order(size_t count, size_t threads, bool by_file)
{
    trace = (struct trace){
        .ids = MANY, .ops = ops, .ops_count = count, .threads = threads};
    cr_assert(order_open(&order, &trace, by_file));
}

/* The turn of the op with that index. */
static const struct turn *turn_of(uint32_t index)
{
    uint32_t place = 0;

    while (order.turns[place].op != index)
        place++;
    return &order.turns[place];
}

/* The op that the op with that index waits for; -1: none. */
static int waits_for(uint32_t index)
{
    uint32_t after = turn_of(index)->after;

    return after == ORDER_NONE ? -1 : (int)order.turns[after].op;
}

/* Thread 7 gives 0 and 1; thread 3 frees 0 and gives 2; thread 7 resizes 1,
   frees nothing, and takes 2 over. */
static void fill_handover(void)
{
    ops[0] = op(7, TRACE_MALLOC, 0);
    ops[1] = op(7, TRACE_MALLOC, 1);
    ops[2] = op(3, TRACE_FREE, 0);
    ops[3] = op(3, TRACE_MALLOC, 2);
    ops[4] = op(7, TRACE_REALLOC, 1);
    ops[5] = op(7, TRACE_FREE, TRACE_NULL_ID);
    ops[6] = op(7, TRACE_REALLOC, 2);
}

Test(order, each_thread_has_its_ops_in_the_order_of_the_file)
{
    static const uint32_t by_place[] = {0, 1, 4, 5, 6, 2, 3};

    fill_handover();
    open_order(7, 2, false);
    for (size_t place = 0; place < 7; place++)
        cr_assert_eq(order.turns[place].op, by_place[place]);
    cr_assert_eq(order.strands[0].number, 7);
    cr_assert_eq(order.strands[0].first, 0);
    cr_assert_eq(order.strands[0].end, 5);
    cr_assert_eq(order.strands[1].number, 3);
    cr_assert_eq(order.strands[1].first, 5);
    cr_assert_eq(order.strands[1].end, 7);
    order_close(&order);
}

Test(order, an_op_waits_for_the_one_before_it_on_its_id_in_another_thread)
{
    static const int expected[] = {-1, -1, 0, -1, -1, -1, 3};

    fill_handover();
    open_order(7, 2, false);
    for (uint32_t i = 0; i < 7; i++) {
        cr_assert_eq(waits_for(i), expected[i], "op %u waits for %d", i,
                     waits_for(i));
        cr_assert_eq(turn_of(i)->is_awaited, i == 0 || i == 3, "op %u", i);
    }
    order_close(&order);
}

Test(order, what_a_block_was_given_by_is_known_in_any_thread)
{
    fill_handover();
    open_order(7, 2, false);
    cr_assert_eq(order.turns[turn_of(4)->before].op, 1);
    cr_assert_eq(order.turns[turn_of(6)->before].op, 3);
    cr_assert_eq(turn_of(0)->before, ORDER_NONE);
    cr_assert_eq(turn_of(5)->before, ORDER_NONE, "NULL is no block");
    order_close(&order);
}

Test(order, by_file_every_change_of_threads_waits)
{
    static const int expected[] = {-1, -1, 1, -1, 3, -1, -1};

    fill_handover();
    open_order(7, 2, true);
    for (uint32_t i = 0; i < 7; i++) {
        cr_assert_eq(waits_for(i), expected[i], "op %u waits for %d", i,
                     waits_for(i));
        cr_assert_eq(turn_of(i)->is_awaited, i == 1,
                     "op %u; 3 is a thread's "
                     "last",
                     i);
    }
    order_close(&order);
}

/* Threads 0 to MANY - 1, each a malloc and a free, one after the other. */
static void fill_churn(void)
{
    for (uint16_t i = 0; i < MANY; i++) {
        ops[2 * i] = op(i, TRACE_MALLOC, i);
        ops[2 * i + 1] = op(i, TRACE_FREE, i);
    }
}

Test(order, short_lived_threads_share_lanes)
{
    size_t heirs = 0;

    fill_churn();
    open_order(2 * MANY, MANY, false);
    cr_assert_eq(order.lanes, ORDER_LANES);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t next = order.strands[i].next;

        heirs += order.strands[i].is_heir;
        cr_assert_lt(order.strands[i].lane, ORDER_LANES);
        if (next == ORDER_NONE)
            continue;
        cr_assert_gt(next, i);
        cr_assert(order.strands[next].is_heir);
        cr_assert_eq(order.strands[next].lane, order.strands[i].lane);
    }
    cr_assert_eq(heirs, MANY - ORDER_LANES);
    order_close(&order);
}

/* Each thread is there before the first is done: none may wait for another's
   end, or they would wait for ever. */
Test(order, threads_that_overlap_have_lanes_of_their_own)
{
    for (uint16_t i = 0; i < MANY; i++) {
        ops[i] = op(i, TRACE_MALLOC, i);
        ops[MANY + i] = op(i, TRACE_FREE, i);
    }
    open_order(2 * MANY, MANY, false);
    cr_assert_eq(order.lanes, MANY);
    for (size_t i = 0; i < MANY; i++)
        cr_assert_not(order.strands[i].is_heir);
    order_close(&order);
}
