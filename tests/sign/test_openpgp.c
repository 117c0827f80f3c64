/* test_openpgp MAKE-KEYS: gpg makes keys and signatures, of which some must not count. */
#include "sign/openpgp.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define DAY INT64_C(86400)

static const char *make_keys;
static char folder[] = "/tmp/waxwing-keys-XXXXXX";
static char tmp[64];

static int run(const char *command)
{
    int status = system(command); /* NOLINT(cert-env33-c): a command of our own */
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int set_up(void **state)
{
    char command[512], home[64];
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(tmp, sizeof tmp, "%s/tmp", folder);
    (void)snprintf(command, sizeof command, "'%s' '%s'", make_keys, folder);
    if (run(command) != 0 || mkdir(tmp, 0700) != 0)
        return -1;
    (void)snprintf(home, sizeof home, "%s/home", folder);
    return setenv("GNUPGHOME", home, 1);
}

static int tear_down(void **state)
{
    char command[512];
    (void)state;
    (void)snprintf(command, sizeof command, "gpgconf --kill gpg-agent; rm -rf '%s'", folder);
    return run(command);
}

/* A file of the folder; freed by the caller. */
static struct ww_slice load(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s is missing", path);
    char *text = malloc(WW_OPENPGP_KEYS_MAX);
    assert_non_null(text);
    size_t n = fread(text, 1, WW_OPENPGP_KEYS_MAX, file);
    (void)fclose(file);
    return ww_slice(text, n);
}

static void drop(struct ww_slice s)
{
    union {
        const char *p;
        void *mine;
    } u = {.p = s.p};
    free(u.mine);
}

static bool is_empty(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count == 2;
}

static const struct {
    const char *key, *signature, *text;
    enum ww_err err;
} cases[] = {
    {"good.key", "good.asc", "text", WW_OK},
    {"good.bin", "good.asc", "text", WW_OK},
    {"good.key", "good.sig", "text", WW_OK},
    {"both.key", "other.asc", "text", WW_OK},
    {"subkeys.key", "subkey-good.asc", "text", WW_OK},
    {"limited.key", "limited.asc", "text", WW_OK},
    {"good.key", "limited-signature.asc", "text", WW_OK},
    {"good.key", "good.asc", "other-text", WW_E_OPENPGP_BAD},
    {"good.key", "good.asc", "empty", WW_E_OPENPGP_BAD},
    {"good.key", "other.asc", "text", WW_E_OPENPGP_OTHER_KEY},
    {"other.key", "good.sig", "text", WW_E_OPENPGP_OTHER_KEY},
    {"revoked.key", "revoked.asc", "text", WW_E_OPENPGP_KEY_REVOKED},
    {"expired.key", "expired.asc", "text", WW_E_OPENPGP_KEY_EXPIRED},
    {"subkeys.key", "subkey-revoked.asc", "text", WW_E_OPENPGP_KEY_REVOKED},
    {"subkeys.key", "subkey-expired.asc", "text", WW_E_OPENPGP_KEY_EXPIRED},
    {"good.key", "expired-signature.asc", "text", WW_E_OPENPGP_SIGNATURE_EXPIRED},
    {"good.key", "weak.asc", "text", WW_E_OPENPGP_DIGEST},
    {"both.key", "two.asc", "text", WW_E_OPENPGP_SEVERAL},
    {"good.key", "two.asc", "text", WW_E_OPENPGP_SEVERAL},
    {"good.key", "twice.asc", "text", WW_E_OPENPGP_SEVERAL},
    {"good.key", "words.asc", "text", WW_E_OPENPGP_NONE},
    {"good.key", "empty", "text", WW_E_OPENPGP_NONE},
    {"good.key", "good.key", "text", WW_E_OPENPGP_NONE},
    /* Signed, but not what is to be verified. */
    {"good.key", "inline.asc", "text", WW_E_OPENPGP_NONE},
    {"good.key", "inline.asc", "other-text", WW_E_OPENPGP_NONE},
    {"good.key", "clear.asc", "other-text", WW_E_OPENPGP_NONE},
    {"words.asc", "good.asc", "text", WW_E_OPENPGP_KEY_FILE},
    {"empty", "good.asc", "text", WW_E_OPENPGP_KEY_FILE},
    {"good.asc", "good.asc", "text", WW_E_OPENPGP_KEY_FILE},
    {"secret.key", "good.asc", "text", WW_E_OPENPGP_KEY_SECRET},
};

/* The keyring of the user, who is GNUPGHOME here, has all of these keys. */
static void each_signature_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[WW_OPENPGP_WHY_SIZE];
        struct ww_slice key = load(cases[i].key), signature = load(cases[i].signature),
                        text = load(cases[i].text);
        enum ww_err err = ww_openpgp_verify(tmp, key, signature, text, NULL, why);
        if (err != cases[i].err)
            fail_msg("%s, %s, %s: %s (%s)", cases[i].key, cases[i].signature, cases[i].text, ww_err_id(err),
                     why);
        drop(key);
        drop(signature);
        drop(text);
        assert_true(is_empty(tmp));
    }
}

static const struct {
    const char *key, *signature, *user;
    int64_t days; /* until it ends; 0 never */
} signer_cases[] = {
    {"good.key", "good.asc", "good@x.example", 0},
    {"both.key", "other.asc", "other@x.example", 0},
    {"limited.key", "limited.asc", "limited@x.example", 100},
    {"good.key", "limited-signature.asc", "good@x.example", 10},
};

static void the_signer_is_told(void **state)
{
    (void)state;
    int64_t now = (int64_t)time(NULL);
    for (size_t i = 0; i < COUNT(signer_cases); i++) {
        char why[WW_OPENPGP_WHY_SIZE];
        struct ww_openpgp_signer signer;
        struct ww_slice key = load(signer_cases[i].key), text = load("text");
        struct ww_slice signature = load(signer_cases[i].signature);
        assert_int_equal(ww_openpgp_verify(tmp, key, signature, text, &signer, why), WW_OK);
        assert_string_equal(signer.user, signer_cases[i].user);
        assert_int_equal(strlen(signer.key), 40);
        assert_true(signer.made <= now && signer.made > now - DAY);
        int64_t end = signer.until - now;
        if (signer_cases[i].days == 0)
            assert_int_equal(signer.until, 0);
        else
            assert_true(end <= signer_cases[i].days * DAY && end > (signer_cases[i].days - 1) * DAY);
        drop(key);
        drop(text);
        drop(signature);
    }
}

static void without_a_folder_nothing_is_verified(void **state)
{
    (void)state;
    char why[WW_OPENPGP_WHY_SIZE];
    struct ww_slice key = load("good.key"), signature = load("good.asc"), text = load("text");
    assert_int_equal(ww_openpgp_verify("/nonexistent", key, signature, text, NULL, why), WW_E_OPENPGP_HOME);
    assert_string_equal(why, "No such file or directory");
    drop(key);
    drop(signature);
    drop(text);
}

static void what_is_signed_here_verifies(void **state)
{
    (void)state;
    char *signature, why[WW_OPENPGP_WHY_SIZE];
    size_t n;
    struct ww_slice key = load("good.key"), text = load("text");
    assert_int_equal(ww_openpgp_sign("good@x.example", text, &signature, &n, why), WW_OK);
    assert_int_equal(strlen(signature), n);
    assert_true(ww_slice_starts(ww_slice(signature, n), "-----BEGIN PGP SIGNATURE-----\n"));
    assert_int_equal(ww_openpgp_verify(tmp, key, ww_slice(signature, n), text, NULL, why), WW_OK);
    free(signature);
    drop(key);
    drop(text);
}

static const struct {
    const char *key;
    enum ww_err err;
} sign_cases[] = {
    {"nobody@x.example", WW_E_OPENPGP_NO_SECRET},
    {"x.example", WW_E_OPENPGP_NO_SECRET}, /* more than one */
    {"expired@x.example", WW_E_OPENPGP_NO_SECRET},
    {"revoked@x.example", WW_E_OPENPGP_NO_SECRET},
};

static void not_every_key_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sign_cases); i++) {
        char *signature, why[WW_OPENPGP_WHY_SIZE];
        size_t n;
        enum ww_err err = ww_openpgp_sign(sign_cases[i].key, ww_slice("a", 1), &signature, &n, why);
        if (err != sign_cases[i].err)
            fail_msg("%s: %s (%s)", sign_cases[i].key, ww_err_id(err), why);
        assert_null(signature);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_has_its_verdict),
        cmocka_unit_test(the_signer_is_told),
        cmocka_unit_test(without_a_folder_nothing_is_verified),
        cmocka_unit_test(what_is_signed_here_verifies),
        cmocka_unit_test(not_every_key_signs),
    };
    if (argc != 2 || !ww_openpgp_ready())
        return EXIT_FAILURE;
    make_keys = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
