/*
 * Policies as files for another web server: TREE/HOST/.well-known/mta-sts.txt. Each is there whole: the old
 * one is in its place until the new one takes it.
 */
#ifndef WW_PUBLISH_TREE_H
#define WW_PUBLISH_TREE_H

#include "base/slice.h"

#define WW_TREE_DETAIL_SIZE 256

/* Folders are made as needed, all can read what is written. What stands there already is not written again.
 * host is a canonical name. False: detail says why not; printable ASCII. */
bool ww_tree_put(const char *tree, const char *host, struct ww_slice body, char detail[WW_TREE_DETAIL_SIZE]);

/* Its policy lies there. */
bool ww_tree_has(const char *tree, const char *host);

/* Removes the file, and the folders that are empty then. That there is none is fine. */
bool ww_tree_remove(const char *tree, const char *host, char detail[WW_TREE_DETAIL_SIZE]);

#endif
