#include "cli/ingest_source.h"

#include "core/mbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_OCTETS ((size_t)16384)
#define FIRST ((size_t)16384)
#define MEMORY "out of memory"
#define TOO_LARGE "it is larger than one may be (intake.max_size)"

struct ww_ingest_source {
    char *const *paths;
    size_t count, at;
    size_t max;
    DIR *folder; /* being gone through; NULL: none */
    char *folder_path;
    bool maildir; /* folder is its cur; new comes next */
    bool in_maildir;
    FILE *file; /* being read; NULL: none */
    char *file_path;
    bool mbox;
    bool begun;
    size_t number; /* in the mbox */
    char line[LINE_MAX_OCTETS];
    size_t line_n;
};

struct ww_ingest_source *ww_ingest_source_new(char *const *paths, size_t count, size_t max)
{
    struct ww_ingest_source *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->paths = paths;
    s->count = count;
    s->max = max;
    return s;
}

static void close_file(struct ww_ingest_source *s)
{
    if (s->file != NULL && s->file != stdin)
        (void)fclose(s->file);
    s->file = NULL;
    free(s->file_path);
    s->file_path = NULL;
    s->mbox = s->begun = false;
    s->number = 0;
}

static void close_folder(struct ww_ingest_source *s)
{
    if (s->folder != NULL)
        (void)closedir(s->folder);
    s->folder = NULL;
    free(s->folder_path);
    s->folder_path = NULL;
}

void ww_ingest_source_free(struct ww_ingest_source *source)
{
    if (source == NULL)
        return;
    close_file(source);
    close_folder(source);
    free(source);
}

void ww_ingest_item_clear(struct ww_ingest_item *item)
{
    free(item->octets);
    free(item->name);
    free(item->path);
    *item = (struct ww_ingest_item){.octets = NULL};
}

static enum ww_ingest_got bad(struct ww_ingest_item *item, const char *name, const char *words,
                              const char **why)
{
    ww_ingest_item_clear(item);
    item->name = strdup(name);
    *why = words;
    return WW_INGEST_BAD;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool is_folder(const char *folder, const char *name)
{
    struct stat st;
    char *path = join(folder, name);
    bool is = path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    return is;
}

static bool is_maildir(const char *folder)
{
    return is_folder(folder, "cur") && is_folder(folder, "new");
}

static bool open_folder(struct ww_ingest_source *s, const char *path)
{
    s->folder_path = strdup(path);
    s->folder = s->folder_path != NULL ? opendir(path) : NULL;
    return s->folder != NULL;
}

/* A line with its end, or a part of a longer one. */
static bool read_line(struct ww_ingest_source *s)
{
    int c = EOF;
    s->line_n = 0;
    while (s->line_n < sizeof s->line && (c = getc_unlocked(s->file)) != EOF) {
        s->line[s->line_n++] = (char)c;
        if (c == '\n')
            break;
    }
    return s->line_n > 0;
}

static bool is_whole_line(const struct ww_ingest_source *s)
{
    return s->line_n > 0 && s->line[s->line_n - 1] == '\n';
}

/* Room for so many more, and none for more than one may have and one. */
static bool make_room(struct ww_ingest_item *item, size_t *size, size_t n, size_t max)
{
    size_t wanted = *size > 0 ? *size : FIRST;
    while (wanted < item->n + n)
        wanted *= 2;
    if (wanted > max + 1 + LINE_MAX_OCTETS)
        wanted = max + 1 + LINE_MAX_OCTETS;
    if (wanted <= *size)
        return true;
    char *larger = realloc(item->octets, wanted);
    if (larger == NULL)
        return false;
    item->octets = larger;
    *size = wanted;
    return true;
}

static bool append(struct ww_ingest_item *item, size_t *size, struct ww_slice text, size_t max)
{
    if (item->n > max) /* it is too large already */
        return true;
    if (!make_room(item, size, text.n, max))
        return false;
    memcpy(item->octets + item->n, text.p, text.n);
    item->n += text.n;
    return true;
}

/* Up to the next separator, which is taken, or the end. False: memory is short. */
static bool read_of_mbox(struct ww_ingest_source *s, struct ww_ingest_item *item)
{
    size_t size = 0;
    bool starts = true, blank = false;
    while (read_line(s)) {
        struct ww_slice line = ww_slice(s->line, s->line_n);
        if (starts && blank && ww_mbox_is_separator(line)) {
            while (!is_whole_line(s) && read_line(s))
                continue;
            return true;
        }
        blank = starts && (ww_slice_is(line, "\n") || ww_slice_is(line, "\r\n"));
        if (starts && ww_mbox_is_quoted(line))
            line = ww_slice(line.p + 1, line.n - 1);
        starts = is_whole_line(s);
        if (!append(item, &size, line, s->max))
            return false;
    }
    return true;
}

static bool read_whole(struct ww_ingest_source *s, struct ww_ingest_item *item)
{
    size_t size = 0, got;
    if (!append(item, &size, ww_slice(s->line, s->line_n), s->max))
        return false;
    while (item->n <= s->max) {
        if (!make_room(item, &size, FIRST, s->max))
            return false;
        got = fread(item->octets + item->n, 1, size - item->n, s->file);
        item->n += got;
        if (got == 0)
            break;
    }
    return true;
}

static bool name_item(struct ww_ingest_source *s, struct ww_ingest_item *item)
{
    bool standard = s->file == stdin;
    item->maildir = s->in_maildir;
    if (s->mbox) {
        if (asprintf(&item->name, "%s:%zu", s->file_path, s->number) < 0)
            item->name = NULL;
        return item->name != NULL;
    }
    item->name = strdup(s->file_path);
    item->path = standard ? NULL : strdup(s->file_path);
    return item->name != NULL && (standard || item->path != NULL);
}

/* The next one of the file that is open; WW_INGEST_END: it has no more. */
static enum ww_ingest_got read_item(struct ww_ingest_source *s, struct ww_ingest_item *item, const char **why)
{
    if (s->begun && (!s->mbox || feof(s->file)))
        return WW_INGEST_END;
    if (!s->begun && !read_line(s))
        return bad(item, s->file_path, ferror(s->file) ? strerror(errno) : "it is empty", why);
    if (!s->begun && ww_slice_starts(ww_slice(s->line, s->line_n), "From ")) {
        s->mbox = true;
        while (!is_whole_line(s) && read_line(s))
            continue;
    }
    s->begun = true;
    s->number++;
    if (!(s->mbox ? read_of_mbox(s, item) : read_whole(s, item)) || !name_item(s, item))
        return bad(item, s->file_path, MEMORY, why);
    if (ferror(s->file))
        return bad(item, s->file_path, strerror(errno), why);
    if (item->n == 0) {
        ww_ingest_item_clear(item);
        return WW_INGEST_END;
    }
    if (item->n > s->max) {
        char *name = item->name;
        item->name = NULL;
        enum ww_ingest_got got = bad(item, name, TOO_LARGE, why);
        free(name);
        return got;
    }
    return WW_INGEST_ITEM;
}

static bool open_file(struct ww_ingest_source *s, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    s->file_path = strdup(standard ? "standard input" : path);
    s->file = standard ? stdin : fopen(path, "rbe");
    return s->file_path != NULL && s->file != NULL;
}

/* The next file of the folder; hidden ones are none of ours. NULL: it has no more. */
static char *next_file(struct ww_ingest_source *s)
{
    const struct dirent *entry;
    struct stat st;
    while ((entry = readdir(s->folder)) != NULL) {
        if (entry->d_name[0] != '.' && fstatat(dirfd(s->folder), entry->d_name, &st, 0) == 0 &&
            S_ISREG(st.st_mode))
            return join(s->folder_path, entry->d_name);
    }
    return NULL;
}

/* A maildir's cur is read before new: what is marked as seen goes from the latter to the former. */
static bool open_next_folder(struct ww_ingest_source *s)
{
    bool more = s->maildir;
    s->maildir = false;
    close_folder(s);
    s->in_maildir = s->in_maildir && more;
    if (!more)
        return true;
    char *path = join(s->paths[s->at - 1], "new");
    bool good = path != NULL && open_folder(s, path);
    free(path);
    return good;
}

static bool open_path(struct ww_ingest_source *s, const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0 || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return open_file(s, path);
    s->maildir = s->in_maildir = is_maildir(path);
    char *cur = s->maildir ? join(path, "cur") : NULL;
    bool good = (!s->maildir || cur != NULL) && open_folder(s, s->maildir ? cur : path);
    free(cur);
    return good;
}

enum ww_ingest_got ww_ingest_source_next(struct ww_ingest_source *source, struct ww_ingest_item *item,
                                         const char **why)
{
    struct ww_ingest_source *s = source;
    *item = (struct ww_ingest_item){.octets = NULL};
    for (;;) {
        if (s->file != NULL) {
            enum ww_ingest_got got = read_item(s, item, why);
            if (got != WW_INGEST_END) {
                if (got == WW_INGEST_BAD && (!s->mbox || ferror(s->file)))
                    close_file(s);
                return got;
            }
            close_file(s);
        } else if (s->folder != NULL) {
            char *path = next_file(s);
            bool good = path != NULL ? open_file(s, path) : open_next_folder(s);
            enum ww_ingest_got got =
                good ? WW_INGEST_END
                     : bad(item, path != NULL ? path : s->paths[s->at - 1], strerror(errno), why);
            free(path);
            if (!good) {
                close_file(s);
                return got;
            }
        } else if (s->at == s->count) {
            return WW_INGEST_END;
        } else if (!open_path(s, s->paths[s->at++])) {
            enum ww_ingest_got got = bad(item, s->paths[s->at - 1], strerror(errno), why);
            close_file(s);
            close_folder(s);
            return got;
        }
    }
}

static uint64_t count_folder(const char *path)
{
    uint64_t n = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    if (folder != NULL)
        (void)closedir(folder);
    return n;
}

uint64_t ww_ingest_source_count(char *const *paths, size_t count)
{
    uint64_t n = 0;
    for (size_t i = 0; i < count; i++) {
        char *cur = join(paths[i], "cur"), *fresh = join(paths[i], "new");
        if (cur != NULL && fresh != NULL && is_maildir(paths[i]))
            n += count_folder(cur) + count_folder(fresh);
        else if (is_folder(paths[i], "."))
            n += count_folder(paths[i]);
        else
            n++;
        free(cur);
        free(fresh);
    }
    return n;
}

/* "NAME:2,FR" becomes "NAME:2,FRS": flags stand in the order of ASCII. */
static void put_flag(const char *name, char *out, size_t size)
{
    const char *info = strstr(name, ":2,");
    const char *flags = info != NULL ? info + 3 : "";
    int stem = (int)(info != NULL ? info - name : (ptrdiff_t)strcspn(name, ":"));
    int before = (int)strspn(flags, "ABCDEFGHIJKLMNOPQR");
    (void)snprintf(out, size, "%.*s:2,%.*sS%s", stem, name, before, flags,
                   flags + before + (flags[before] == 'S'));
}

bool ww_ingest_item_seen(const struct ww_ingest_item *item)
{
    char name[NAME_MAX + 8];
    char *to = NULL;
    const char *base = strrchr(item->path, '/') + 1;
    put_flag(base, name, sizeof name);
    /* Both folders of a maildir have three letters. */
    int folder = (int)(base - item->path) - 4;
    bool good = asprintf(&to, "%.*scur/%s", folder, item->path, name) >= 0;
    good = good && (strcmp(to, item->path) == 0 || rename(item->path, to) == 0);
    free(to);
    return good;
}
