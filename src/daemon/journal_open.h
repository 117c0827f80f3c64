/* The journal of TLS results as the supervisor keeps it: beside the store, and open for as long as it runs.
 */
#ifndef WW_DAEMON_JOURNAL_OPEN_H
#define WW_DAEMON_JOURNAL_OPEN_H

#include "daemon/config.h"

/*
 * The file "results.journal" in the store's folder, of collect.journal octets, given to the collector's user;
 * when that cannot be, memory, which is told of. -1: neither, which is told of, too.
 */
int ww_journal_open_file(const struct ww_config *config);

/* Memory at once: the file was of no use. */
int ww_journal_open_memory(const struct ww_config *config);

#endif
