/*
 * The keys of DKIM signatures, looked up once however many mails wait for one, and remembered for a while. Of
 * each name there is one look-up at a time, and there are no more names than WW_INTAKE_KEYS_MAX.
 */
#ifndef WW_DAEMON_INTAKE_KEYS_H
#define WW_DAEMON_INTAKE_KEYS_H

#include "drive/dkim_key.h"
#include "proc/stats.h"

#define WW_INTAKE_KEYS_MAX 256

/* How long what was found out is taken for true, by enum ww_dkim_key_found. */
#define WW_INTAKE_KEY_FOUND_MS 300000
#define WW_INTAKE_KEY_ABSENT_MS 60000
#define WW_INTAKE_KEY_NOT_NOW_MS 10000

struct ww_intake_keys;

/* Some look-up has ended: ask again for what was not known. May ask from inside of the call. */
typedef void ww_intake_keys_known(void *ctx);

/* All is borrowed. NULL when memory is short. */
struct ww_intake_keys *ww_intake_keys_new(struct ww_dns *dns, struct ww_stats *stats,
                                          ww_intake_keys_known *known, void *ctx);
void ww_intake_keys_free(struct ww_intake_keys *keys);

/* DNS was tested: before, nothing is looked up, as on a path that strips DNSSEC all answers would be bogus.
 */
void ww_intake_keys_begin(struct ww_intake_keys *keys);

/*
 * What is known of a name: true, with *key borrowed until the next call. False: it is being looked up, and
 * `known` tells. now_ms is of a clock that does not go back.
 */
bool ww_intake_keys_get(struct ww_intake_keys *keys, const char *name, int64_t now_ms,
                        struct ww_dkim_found_key *key);

#endif
