/* The configuration's text on its way from the file to the roles, which each read it for themselves. */
#ifndef WW_DAEMON_CONFIG_TEXT_H
#define WW_DAEMON_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The configuration where nobody names another one. */
#define WW_CONFIG_FILE "/etc/waxwing/waxwing.conf"

/* Longest configuration, in octets. */
#define WW_CONFIG_TEXT_MAX (1 << 20)

struct ww_config_text {
    char *p; /* allocated, NUL-terminated */
    size_t n;
};

/*
 * Appends the file's text; NULL stands for WW_CONFIG_FILE, which may be missing. False: errno says why, EFBIG
 * when it is too long.
 */
bool ww_config_text_add_file(struct ww_config_text *t, const char *path);

/*
 * Appends a line for "name=value" or "section.name=value", with the value as it stands in the file. False:
 * out of memory, or too long.
 */
bool ww_config_text_add_setting(struct ww_config_text *t, const char *setting);

bool ww_config_text_add(struct ww_config_text *t, const char *p, size_t n);
void ww_config_text_free(struct ww_config_text *t);

/* A sealed descriptor that holds the text, close-on-exec; -1: errno says why. */
int ww_config_text_seal(const struct ww_config_text *t);

/* Appends what such a descriptor holds. */
bool ww_config_text_add_sealed(struct ww_config_text *t, int fd);

#endif
