/*
 * tree.c - build a search tree, walk it, and drop it.
 *
 * Nodes of one size that live and die together, and are reached only from one
 * another: the places where an allocator puts them decide how fast a walk is.
 */
#include "work.h"

struct node {
    struct node *left;
    struct node *right;
    uint64_t key;
    uint64_t value; /* of the key, so that a node is verified */
};

static void tree_insert(struct node **place, uint64_t key)
{
    while (*place) {
        if ((*place)->key == key)
            return;
        place = key < (*place)->key ? &(*place)->left : &(*place)->right;
    }
    *place = get(sizeof(struct node));
    **place = (struct node){.key = key, .value = ~key};
}

/* Nodes of the tree, whose keys must rise from *last. */
static size_t tree_walk(const struct node *node, uint64_t *last)
{
    size_t nodes = 0;

    for (; node; node = node->right) {
        nodes += 1 + tree_walk(node->left, last);
        if (node->key < *last || node->value != ~node->key)
            fail("the node at %p is out of order", (const void *)node);
        *last = node->key;
    }
    return nodes;
}

static void tree_drop(struct node *node)
{
    while (node) {
        struct node *right = node->right;

        tree_drop(node->left);
        free(node);
        node = right;
    }
}

static void run(const struct task *task)
{
    long rounds = task_share(task, 400);
    uint64_t random = 1;

    for (long round = 0; round < rounds; round++) {
        struct node *root = NULL;
        size_t nodes = 0;

        for (int i = 0; i < 5000; i++)
            tree_insert(&root, random_next(&random));
        for (int walk = 0; walk < 4; walk++) {
            uint64_t last = 0;
            nodes = tree_walk(root, &last);
        }
        if (nodes != 5000)
            fail("a tree of %zu nodes, expected 5000", nodes);
        tree_drop(root);
    }
}

const struct program tree_programs[] = {
    {"tree", "search trees of 5000 nodes: built, walked, dropped", run, 0,
     false},
    {0},
};
