#include "daemon/journal_open.h"

#include "daemon/log.h"
#include "daemon/role.h"
#include "report/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ww_journal_open_memory(const struct ww_config *config)
{
    char detail[512];
    int fd = ww_journal_memory(config->collect_journal, detail, sizeof detail);
    if (fd < 0)
        ww_log_error("journal-failed", "detail", detail, "done", "no TLS results are taken");
    else
        ww_log_warning("journal-in-memory", "done",
                       "results that the store does not have yet are lost when the daemon ends");
    return fd;
}

int ww_journal_open_file(const struct ww_config *config)
{
    char detail[4096 + 512] = "", *path = NULL;
    const char *slash = strrchr(config->store, '/');
    int fd = -1;
    if (asprintf(&path, "%.*s/results.journal", (int)(slash - config->store), config->store) < 0)
        path = NULL;
    if (path != NULL)
        fd = ww_journal_file(path, config->collect_journal, detail, sizeof detail);
    if (fd >= 0 && !ww_role_give(config, WW_ROLE_COLLECTOR, fd))
        ww_log_warning("journal-not-given", "path", path, "detail", strerror(errno));
    if (fd < 0)
        ww_log_error("journal-failed", "path", path, "detail",
                     path != NULL ? detail : ww_err_message(WW_E_NO_MEMORY), "advice",
                     "see that there is room on the disk, and that the directory is Waxwing's");
    else if (detail[0] != '\0')
        ww_log_warning("journal-other", "detail", detail);
    free(path);
    return fd >= 0 ? fd : ww_journal_open_memory(config);
}
