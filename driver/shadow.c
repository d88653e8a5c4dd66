/*
 * shadow.c - an ordered set of disjoint blocks, as a treap.
 *
 * A treap is a search tree by address and at the same time a heap by a random
 * priority drawn for each node, which makes its shape that of a tree filled
 * in random order, whatever the order of the insertions: about 2 ln n steps
 * from the root to a node. Nodes lie in one array and are named by index; 0
 * is "no node", and its fields (largest = 0) serve where a child is missing.
 *
 * Source: Seidel and Aragon, Randomized Search Trees, Algorithmica 16 (1996),
 *         with split and merge in place of rotations.
 */
#include "shadow.h"

#include <errno.h>
#include <sys/mman.h>

struct node {
    struct shadow_block block;
    uint32_t left;     /* all of lower address; while unused: the next free */
    uint32_t right;    /* all of higher address */
    uint32_t priority; /* at least that of both children */
    size_t largest;    /* largest size in the subtree, in bytes */
};

_Static_assert(sizeof(struct node) <= 64, "a node fits a cache line");

struct shadow {
    size_t map_bytes; /* length of the mapping that holds all of this */
    uint32_t root;    /* 0 when empty */
    uint32_t free;    /* first of the list of nodes given back */
    uint32_t used;    /* nodes of the array ever used, node 0 included */
    uint32_t random;  /* state of the generator; never 0 */
    size_t most;      /* nodes in the array beside node 0 */
    size_t count;     /* blocks */
    size_t bytes;     /* sum of their sizes */
    struct node nodes[];
};

/* --- Blocks ----------------------------------------------------------- */

/* Address of the last byte that the block covers. */
static uintptr_t block_last(const struct shadow_block *block)
{
    uintptr_t first = (uintptr_t)block->payload;
    size_t more = block->size > 0 ? block->size - 1 : 0;

    return more > UINTPTR_MAX - first ? UINTPTR_MAX : first + more;
}

bool shadow_covers(const struct shadow_block *block, const void *p,
                   size_t bytes)
{
    uintptr_t first = (uintptr_t)p;
    uintptr_t last = block_last(block);

    return first >= (uintptr_t)block->payload && first <= last &&
           (bytes == 0 || bytes - 1 <= last - first);
}

/* --- Nodes ------------------------------------------------------------ */

static uintptr_t node_key(const struct shadow *set, uint32_t n)
{
    return (uintptr_t)set->nodes[n].block.payload;
}

/* The block of node n as the caller gets it; NULL for no node. */
static const struct shadow_block *node_block(const struct shadow *set,
                                             uint32_t n)
{
    return n ? &set->nodes[n].block : NULL;
}

/* Work out the largest size below n anew; returns n. */
static uint32_t node_update(struct shadow *set, uint32_t n)
{
    struct node *node = &set->nodes[n];
    size_t left = set->nodes[node->left].largest;
    size_t right = set->nodes[node->right].largest;

    node->largest = node->block.size;
    if (left > node->largest)
        node->largest = left;
    if (right > node->largest)
        node->largest = right;
    return n;
}

/* A pseudo-random number, by Marsaglia's xorshift: the same in every run. */
static uint32_t random_next(struct shadow *set)
{
    set->random ^= set->random << 13;
    set->random ^= set->random >> 17;
    set->random ^= set->random << 5;
    return set->random;
}

static uint32_t node_new(struct shadow *set, const struct shadow_block *block)
{
    uint32_t n = set->free;

    if (n)
        set->free = set->nodes[n].left;
    else
        n = set->used++;
    set->nodes[n] = (struct node){
        .block = *block, .priority = random_next(set), .largest = block->size};
    return n;
}

static void node_free(struct shadow *set, uint32_t n)
{
    set->nodes[n].left = set->free;
    set->free = n;
}

/* --- Trees, each named by its root ------------------------------------ */

/* Split tree t: *low gets the nodes below key, *high the others. */
static void tree_split(struct shadow *set, uint32_t t, uintptr_t key,
                       uint32_t *low, uint32_t *high)
{
    struct node *node = &set->nodes[t];

    if (!t) {
        *low = 0;
        *high = 0;
    } else if (node_key(set, t) < key) {
        tree_split(set, node->right, key, &node->right, high);
        *low = node_update(set, t);
    } else {
        tree_split(set, node->left, key, low, &node->left);
        *high = node_update(set, t);
    }
}

/* Join two trees, all of low below all of high; returns the root. */
static uint32_t tree_merge(struct shadow *set, uint32_t low, uint32_t high)
{
    struct node *l = &set->nodes[low];
    struct node *h = &set->nodes[high];

    if (!low || !high)
        return low | high;
    if (l->priority >= h->priority) {
        l->right = tree_merge(set, l->right, high);
        return node_update(set, low);
    }
    h->left = tree_merge(set, low, h->left);
    return node_update(set, high);
}

/* Insert node n into tree t; returns the root. */
static uint32_t tree_insert(struct shadow *set, uint32_t t, uint32_t n)
{
    struct node *node = &set->nodes[t];
    struct node *new = &set->nodes[n];

    if (!t)
        return n;
    if (new->priority > node->priority) {
        tree_split(set, t, node_key(set, n), &new->left, &new->right);
        return node_update(set, n);
    }
    if (node_key(set, n) < node_key(set, t))
        node->left = tree_insert(set, node->left, n);
    else
        node->right = tree_insert(set, node->right, n);
    return node_update(set, t);
}

/* Take the node at key, which is there, out of tree t; returns the root. */
static uint32_t tree_remove(struct shadow *set, uint32_t t, uintptr_t key)
{
    struct node *node = &set->nodes[t];

    if (key == node_key(set, t))
        return tree_merge(set, node->left, node->right);
    if (key < node_key(set, t))
        node->left = tree_remove(set, node->left, key);
    else
        node->right = tree_remove(set, node->right, key);
    return node_update(set, t);
}

/* The lowest node of tree t at or above from with a block of size bytes. */
static uint32_t tree_fit(const struct shadow *set, uint32_t t, size_t size,
                         uintptr_t from)
{
    const struct node *node = &set->nodes[t];
    uint32_t found = 0;

    if (!t || node->largest < size)
        return 0;
    if (node_key(set, t) >= from)
        found = tree_fit(set, node->left, size, from);
    if (!found && node_key(set, t) >= from && node->block.size >= size)
        found = t;
    return found ? found : tree_fit(set, node->right, size, from);
}

/* The node with the highest key at or below key, or 0. */
static uint32_t tree_below(const struct shadow *set, uintptr_t key)
{
    uint32_t found = 0;

    for (uint32_t t = set->root; t;) {
        if (node_key(set, t) <= key) {
            found = t;
            t = set->nodes[t].right;
        } else {
            t = set->nodes[t].left;
        }
    }
    return found;
}

/* The node with the lowest key above key, or 0. */
static uint32_t tree_above(const struct shadow *set, uintptr_t key)
{
    uint32_t found = 0;

    for (uint32_t t = set->root; t;) {
        if (node_key(set, t) > key) {
            found = t;
            t = set->nodes[t].left;
        } else {
            t = set->nodes[t].right;
        }
    }
    return found;
}

/* The node that starts exactly at payload, or 0. */
static uint32_t tree_at(const struct shadow *set, const void *payload)
{
    uint32_t n = tree_below(set, (uintptr_t)payload);

    return set->nodes[n].block.payload == payload ? n : 0;
}

/* --- The interface, see shadow.h -------------------------------------- */

struct shadow *shadow_new(size_t most)
{
    size_t room = (SIZE_MAX - sizeof(struct shadow)) / sizeof(struct node);

    if (most >= room || most >= UINT32_MAX) {
        errno = ENOMEM;
        return NULL;
    }

    size_t bytes = sizeof(struct shadow) + (most + 1) * sizeof(struct node);
    struct shadow *set =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (set == MAP_FAILED)
        return NULL;
    set->map_bytes = bytes;
    set->most = most;
    shadow_clear(set);
    return set;
}

void shadow_free(struct shadow *set)
{
    if (set)
        munmap(set, set->map_bytes);
}

void shadow_clear(struct shadow *set)
{
    set->root = 0;
    set->free = 0;
    set->used = 1;
    set->random = 2463534242;
    set->count = 0;
    set->bytes = 0;
}

const struct shadow_block *shadow_insert(struct shadow *set,
                                         const struct shadow_block *block)
{
    uint32_t below = tree_below(set, (uintptr_t)block->payload);
    uint32_t above = tree_above(set, (uintptr_t)block->payload);

    if (below && shadow_covers(&set->nodes[below].block, block->payload, 1))
        return node_block(set, below);
    if (above && node_key(set, above) <= block_last(block))
        return node_block(set, above);
    set->root = tree_insert(set, set->root, node_new(set, block));
    set->count++;
    set->bytes += block->size;
    return NULL;
}

bool shadow_remove(struct shadow *set, const void *payload,
                   struct shadow_block *out)
{
    uint32_t n = tree_at(set, payload);

    if (!n)
        return false;
    if (out)
        *out = set->nodes[n].block;
    set->root = tree_remove(set, set->root, (uintptr_t)payload);
    set->count--;
    set->bytes -= set->nodes[n].block.size;
    node_free(set, n);
    return true;
}

const struct shadow_block *shadow_at(const struct shadow *set,
                                     const void *payload)
{
    return node_block(set, tree_at(set, payload));
}

const struct shadow_block *shadow_below(const struct shadow *set, const void *p)
{
    return node_block(set, tree_below(set, (uintptr_t)p));
}

const struct shadow_block *shadow_above(const struct shadow *set, const void *p)
{
    return node_block(set, tree_above(set, (uintptr_t)p));
}

const struct shadow_block *shadow_fit(const struct shadow *set, size_t size,
                                      const void *from)
{
    return node_block(set, tree_fit(set, set->root, size, (uintptr_t)from));
}

const struct shadow_block *shadow_first(const struct shadow *set)
{
    uint32_t t = set->root;

    while (set->nodes[t].left)
        t = set->nodes[t].left;
    return node_block(set, t);
}

const struct shadow_block *shadow_next(const struct shadow *set,
                                       const struct shadow_block *block)
{
    return shadow_above(set, block->payload);
}

size_t shadow_count(const struct shadow *set)
{
    return set->count;
}

size_t shadow_bytes(const struct shadow *set)
{
    return set->bytes;
}

bool shadow_is_full(const struct shadow *set)
{
    return set->count == set->most;
}
