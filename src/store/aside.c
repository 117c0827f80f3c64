#include "store/aside.h"

#include "base/cursor.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* SQLite's file format, section 1.3 */
#define MAGIC "SQLite format 3"
#define MARK_OFFSET 68
#define HEADER 100
#define PAGE 4096

#define MIDDLE ".corrupt-"

bool ww_store_was_ours(const char *path)
{
    char header[HEADER];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool whole = fstat(fd, &st) == 0 && pread(fd, header, sizeof header, 0) == (ssize_t)sizeof header;
    close(fd);
    if (!whole)
        return false;
    struct ww_cursor c = ww_cursor(header + MARK_OFFSET, HEADER - MARK_OFFSET);
    if (ww_cursor_u32(&c) == (uint32_t)ww_store_schema.application_id)
        return true;
    return memcmp(header, MAGIC, sizeof MAGIC) != 0 && st.st_size % PAGE == 0;
}

/* The part behind the last slash; the folder's name goes to folder. */
static const char *split(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(folder, ".", 2);
        return path;
    }
    snprintf(folder, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return slash + 1;
}

/* How many stores stand aside; -1 when the folder cannot be read. */
static int count_kept(const char *path)
{
    char folder[PATH_MAX];
    const char *name = split(path, folder);
    size_t n = strlen(name);
    int count = 0;
    DIR *d = opendir(folder);
    if (d == NULL)
        return -1;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        bool kept = strncmp(e->d_name, name, n) == 0 && strncmp(e->d_name + n, MIDDLE, strlen(MIDDLE)) == 0;
        /* A time has no second hyphen, the names of companions have. */
        count += kept && strchr(e->d_name + n + strlen(MIDDLE), '-') == NULL;
    }
    closedir(d);
    return count;
}

/* 0, or what is wrong. */
static int move_file(const char *from, const char *to)
{
    if (access(to, F_OK) == 0) /* kept in the same second; rename() would replace it */
        return EEXIST;
    return rename(from, to) == 0 ? 0 : errno;
}

/* The database itself has gone: what belongs to it must not meet the new one. */
static void take_along(const char *path, const char *kept)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char from[PATH_MAX];
        char to[PATH_MAX];
        snprintf(from, sizeof from, "%s%s", path, suffixes[i]);
        snprintf(to, sizeof to, "%s%s", kept, suffixes[i]);
        if (move_file(from, to) != 0)
            (void)unlink(from);
    }
}

enum ww_err ww_store_put_aside(const char *path, int64_t now, char *kept, size_t kept_size, char *detail,
                               size_t detail_size)
{
    struct tm tm;
    char stamp[32];
    int count = count_kept(path);
    if (count >= WW_STORE_ASIDE_MAX) {
        snprintf(detail, detail_size, "%d damaged stores are kept already, as %s" MIDDLE "*", count, path);
        return WW_E_STORE_ASIDE;
    }
    time_t when = (time_t)now;
    gmtime_r(&when, &tm);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
    int n = snprintf(kept, kept_size, "%s" MIDDLE "%s", path, stamp);
    bool fits = n > 0 && (size_t)n < kept_size && (size_t)n + sizeof "-journal" <= PATH_MAX;
    int error = !fits ? ENAMETOOLONG : count < 0 ? EACCES : move_file(path, kept);
    if (error != 0) {
        snprintf(detail, detail_size, "cannot rename it to %s: %s", kept, strerror(error));
        return WW_E_STORE_ASIDE;
    }
    take_along(path, kept);
    return WW_OK;
}
