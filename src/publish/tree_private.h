/* What the files of the tree share: tree*.c. */
#ifndef WW_PUBLISH_TREE_PRIVATE_H
#define WW_PUBLISH_TREE_PRIVATE_H

#include "publish/tree.h"

/* "WHAT for HOST in publish.tree: " and what errno says. Always false. */
bool ww_tree_fail(char detail[WW_TREE_DETAIL_SIZE], const char *what, const char *host);

/* Keeps errno; -1 is none. */
void ww_tree_close(int fd);

/* A folder in another one, made if need be; nobody else's link is followed. -1 with errno. */
int ww_tree_open_below(int in, const char *name, bool make);

/* A file of this name and content, for all to read, which takes the place of another. What stands there
 * already is not written again. False with errno set. */
bool ww_tree_write(int folder, const char *name, struct ww_slice body);

/* One that is not empty stays: others may keep more there than we do. False with errno set. */
bool ww_tree_remove_empty(int in, const char *name);

#endif
