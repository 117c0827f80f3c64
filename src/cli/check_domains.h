/* The domains that `waxwing check` is given: canonical, each once, in the order in which they came. */
#ifndef WW_CLI_CHECK_DOMAINS_H
#define WW_CLI_CHECK_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

/* More are refused. */
#define WW_CHECK_DOMAINS_MAX 10000

struct ww_check_domains {
    char **names;
    size_t count;
    void *tree; /* private: to find one */
};

/* Both take the names of domains as people write them. Anything but WW_EXIT_OK was told, and is the exit
 * status. A file has one a line; empty lines, and what follows a #, count for nothing. */
int ww_check_domains_add(struct ww_check_domains *domains, const char *text);
int ww_check_domains_read(struct ww_check_domains *domains, const char *path);

/* The index of a canonical name; false: it is none of them. */
bool ww_check_domains_find(const struct ww_check_domains *domains, const char *name, size_t *index);

/* All zero is an empty list; this frees what it holds. */
void ww_check_domains_clear(struct ww_check_domains *domains);

#endif
