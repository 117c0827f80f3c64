#include "cli/doctor.h"

#include "daemon/role.h"
#include "store/migrate.h"
#include "store/store.h"

#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define CHECK_MS 10000
#define MIB (1024.0 * 1024)

/* Below it is time to act; below the second nothing can be written soon. */
#define SPACE_WARN (256 * MIB)
#define SPACE_FAIL (8 * MIB)

static void tell_space(struct ww_doctor *d, const char *folder)
{
    struct statvfs fs;
    if (statvfs(folder, &fs) != 0) {
        ww_doctor_tell(d, WW_CHECK_STORE_SPACE, WW_FINDING_SKIP, NULL, "%s: %s", folder, strerror(errno));
        return;
    }
    double free_bytes = (double)fs.f_bavail * (double)fs.f_frsize;
    enum ww_finding finding = free_bytes >= SPACE_WARN ? WW_FINDING_OK : WW_FINDING_WARN;
    if (free_bytes < SPACE_FAIL)
        finding = WW_FINDING_FAIL;
    if ((fs.f_flag & ST_RDONLY) != 0) {
        ww_doctor_tell(d, WW_CHECK_STORE_SPACE, WW_FINDING_FAIL, NULL, "the file system of %s is read-only",
                       folder);
        ww_doctor_advise(d, "Find out why: an error of the disk makes the kernel do this.");
        ww_doctor_command(d, "dmesg | tail; findmnt -T %s", folder);
        return;
    }
    ww_doctor_tell(d, WW_CHECK_STORE_SPACE, finding, NULL, "%.0f MiB are free on the file system of %s",
                   free_bytes / MIB, folder);
    if (finding != WW_FINDING_OK) {
        ww_doctor_advise(d,
                         "Make room; look-ups go on, but what is new is lost at a restart when it is full.");
        ww_doctor_command(d, "df -h %s", folder);
    }
}

static void advise_on(struct ww_doctor *d, enum ww_err err, const char *path, const char *folder)
{
    const char *user = d->config->user;
    if (err == WW_E_STORE_CORRUPT || err == WW_E_STORE_FOREIGN) {
        ww_doctor_advise(d, "waxwingd puts a damaged store of its own aside by itself. To do it by hand:");
        ww_doctor_command(d, "systemctl stop waxwingd; mv %s %s.damaged; systemctl start waxwingd", path,
                          path);
    } else if (err == WW_E_STORE_NEWER) {
        ww_doctor_advise(d, "Install the version of Waxwing that made it, or start with an empty store:");
        ww_doctor_command(d, "systemctl stop waxwingd; mv %s %s.newer; systemctl start waxwingd", path, path);
    } else if (err == WW_E_STORE_DENIED && geteuid() != 0) {
        ww_doctor_advise(d, "Only Waxwing's user and root may read it:");
        ww_doctor_command(d, "sudo waxwing doctor");
    } else {
        ww_doctor_advise(d, "It must be a directory and a file of the user that waxwingd runs as:");
        ww_doctor_command(d, "install -d -o %s -g %s -m 0750 %s", user, user, folder);
    }
}

static void tell_damage(struct ww_doctor *d, struct ww_store *store, const char *path, const char *folder)
{
    enum ww_err err = ww_store_check(store, CHECK_MS);
    if (err == WW_OK) {
        ww_doctor_tell(d, WW_CHECK_STORE_DAMAGE, WW_FINDING_OK, NULL,
                       "no damage was found, and its schema has version %d", ww_store_schema.count);
        return;
    }
    ww_doctor_tell(d, WW_CHECK_STORE_DAMAGE, err == WW_E_STORE_BUSY ? WW_FINDING_WARN : WW_FINDING_FAIL, NULL,
                   "%s: %s", ww_err_message(err), ww_store_detail(store));
    if (err == WW_E_STORE_BUSY) {
        ww_doctor_advise(d, "Find out who holds it:");
        ww_doctor_command(d, "fuser -v %s", path);
    } else
        advise_on(d, err, path, folder);
}

/* Of the user that the keeper runs as when root starts waxwingd, or else of the one whose directory it is. */
static bool is_keepers(const struct ww_config *config, const char *folder, uid_t owner)
{
    char user[WW_USER_SIZE];
    struct stat st;
    const struct passwd *pw = ww_role_user(config, WW_ROLE_KEEPER, user) ? getpwnam(user) : NULL;
    return (pw != NULL && pw->pw_uid == owner) || (stat(folder, &st) == 0 && st.st_uid == owner);
}

static void tell_unopened(struct ww_doctor *d, const char *path, const char *folder, enum ww_err err,
                          const char *detail)
{
    enum ww_finding finding = WW_FINDING_FAIL;
    if (err == WW_E_STORE_READONLY) { /* it is opened to read alone: what is missing is a newer schema */
        ww_doctor_tell(d, WW_CHECK_STORE, WW_FINDING_WARN, NULL,
                       "%s was made by an older version than this command", path);
        ww_doctor_advise(d, "waxwingd brings it forward when it starts:");
        ww_doctor_command(d, "systemctl restart waxwingd");
        return;
    }
    if (err == WW_E_STORE_DENIED && geteuid() != 0)
        finding = WW_FINDING_SKIP;
    ww_doctor_tell(d, WW_CHECK_STORE, finding, NULL, "%s: %s: %s", path, ww_err_message(err), detail);
    advise_on(d, err, path, folder);
}

static void tell_missing(struct ww_doctor *d, const char *path, const char *folder, int error)
{
    bool absent = error == ENOENT && access(folder, F_OK) == 0;
    ww_doctor_tell(d, WW_CHECK_STORE, absent || error == ENOENT ? WW_FINDING_WARN : WW_FINDING_SKIP, NULL,
                   "%s: %s", path, absent ? "there is none yet" : strerror(error));
    if (absent)
        ww_doctor_advise(d, "waxwingd makes it when it starts first, if the directory is its user's.");
    else
        advise_on(d, error == ENOENT ? WW_E_STORE_NO_FOLDER : WW_E_STORE_DENIED, path, folder);
}

static void tell_file(struct ww_doctor *d, const char *path, const char *folder)
{
    struct stat st;
    char detail[512] = "";
    enum ww_err err;
    if (stat(path, &st) != 0) {
        tell_missing(d, path, folder, errno);
        return;
    }
    struct ww_store *store = ww_store_open_to_read(path, &err, detail, sizeof detail);
    if (store == NULL) {
        tell_unopened(d, path, folder, err, detail);
        return;
    }
    bool writable = (st.st_mode & S_IWUSR) != 0 && is_keepers(d->config, folder, st.st_uid);
    ww_doctor_tell(d, WW_CHECK_STORE, writable ? WW_FINDING_OK : WW_FINDING_FAIL, NULL,
                   "%s has %.1f MiB, belongs to user id %u and has mode %04o%s", path,
                   (double)st.st_size / MIB, (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777),
                   writable ? "" : ": waxwingd cannot write to it");
    if (!writable) {
        ww_doctor_command(d, "chown %s: %s %s-wal %s-shm; chmod 600 %s", d->config->user, path, path, path,
                          path);
    }
    tell_damage(d, store, path, folder);
    ww_store_close(store);
}

void ww_doctor_store(struct ww_doctor *d)
{
    char *copy = strdup(d->config->store);
    if (copy == NULL)
        return;
    const char *folder = dirname(copy);
    tell_file(d, d->config->store, folder);
    tell_space(d, folder);
    free(copy);
}
