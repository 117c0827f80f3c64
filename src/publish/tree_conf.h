/*
 * What web servers are told of the hosts in a tree, a file for each host, to be included all at once:
 * TREE/nginx.conf.d/HOST.conf, TREE/caddy.d/HOST.caddy, TREE/apache.d/HOST.conf.
 */
#ifndef WW_PUBLISH_TREE_CONF_H
#define WW_PUBLISH_TREE_CONF_H

#include "publish/tree.h"

/* certificates is a folder with those of all hosts, in folders of their names; NULL: as in core/site_conf.h.
 * False: detail says why not; printable ASCII. */
bool ww_tree_conf_put(const char *tree, const char *host, const char *certificates,
                      char detail[WW_TREE_DETAIL_SIZE]);

/* Removes them, and folders that are empty then. That there are none is fine. */
bool ww_tree_conf_remove(const char *tree, const char *host, char detail[WW_TREE_DETAIL_SIZE]);

#endif
