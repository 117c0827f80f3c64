#include "cli/check_domains.h"

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/subcommands.h"
#include "codec/idn.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a file; enough for as many domains as there may be. */
#define INPUT_MAX ((size_t)4 << 20)

/* A node of the tree: the name comes first, so that nodes are compared as names. */
struct node {
    char name[WW_DNAME_SIZE];
    size_t index;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* *fresh: the name was not there yet. NULL: memory is short. */
static struct node *enter(struct ww_check_domains *d, const char *name, bool *fresh)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return NULL;
    (void)snprintf(node->name, sizeof node->name, "%s", name);
    node->index = d->count;
    struct node *const *found = tsearch(node, &d->tree, compare);
    *fresh = found != NULL && *found == node;
    if (*fresh)
        return node;
    free(node);
    return found != NULL ? *found : NULL;
}

static int out_of_memory(void)
{
    ww_subcommand_complain("check", "domains", "out of memory");
    return WW_EXIT_INTERNAL;
}

static int add(struct ww_check_domains *d, const char *name)
{
    bool fresh;
    struct node *node = enter(d, name, &fresh);
    if (node == NULL)
        return out_of_memory();
    if (!fresh)
        return WW_EXIT_OK;
    if (d->count == WW_CHECK_DOMAINS_MAX) {
        ww_subcommand_complain("check", name, "more than 10000 domains");
        return WW_EXIT_USAGE;
    }
    if (d->count % 64 == 0) {
        char **names = reallocarray(d->names, d->count + 64, sizeof *names);
        if (names == NULL)
            return out_of_memory();
        d->names = names;
    }
    d->names[d->count++] = node->name;
    return WW_EXIT_OK;
}

int ww_check_domains_add(struct ww_check_domains *domains, const char *text)
{
    char name[WW_DNAME_SIZE];
    enum ww_err err = ww_idn_to_domain(ww_slice(text, strlen(text)), name);
    if (err == WW_OK)
        return add(domains, name);
    ww_subcommand_complain("check", text, ww_err_message(err));
    return WW_EXIT_USAGE;
}

static struct ww_slice without_comment(const char *p, size_t n)
{
    const char *comment = n > 0 ? memchr(p, '#', n) : NULL;
    return ww_input_trim(ww_slice(p, comment != NULL ? (size_t)(comment - p) : n));
}

static int add_line(struct ww_check_domains *d, const char *path, size_t number, struct ww_slice text)
{
    char name[WW_DNAME_SIZE];
    char place[512];
    if (text.n == 0)
        return WW_EXIT_OK;
    enum ww_err err = ww_idn_to_domain(text, name);
    if (err == WW_OK)
        return add(d, name);
    (void)snprintf(place, sizeof place, "%.400s, line %zu", path, number);
    ww_subcommand_complain("check", place, ww_err_message(err));
    return WW_EXIT_DATA;
}

int ww_check_domains_read(struct ww_check_domains *domains, const char *path)
{
    struct ww_input input;
    int status = ww_input_read(path, INPUT_MAX, &input);
    size_t number = 0;
    if (status != WW_EXIT_OK)
        return status;
    for (size_t at = 0; at < input.n && status == WW_EXIT_OK;) {
        const char *feed = memchr(input.p + at, '\n', input.n - at);
        size_t end = feed != NULL ? (size_t)(feed - input.p) : input.n;
        status = add_line(domains, path, ++number, without_comment(input.p + at, end - at));
        at = end + 1;
    }
    if (status == WW_EXIT_OK && input.n == INPUT_MAX) {
        ww_subcommand_complain("check", path, "the file is larger than 4 MiB");
        status = WW_EXIT_DATA;
    }
    ww_input_free(&input);
    return status;
}

bool ww_check_domains_find(const struct ww_check_domains *domains, const char *name, size_t *index)
{
    struct node *const *found = tfind(name, &domains->tree, compare);
    if (found != NULL)
        *index = (*found)->index;
    return found != NULL;
}

void ww_check_domains_clear(struct ww_check_domains *domains)
{
    tdestroy(domains->tree, free);
    free(domains->names);
    *domains = (struct ww_check_domains){.count = 0};
}
