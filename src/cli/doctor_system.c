#include "cli/doctor.h"

#include "daemon/datagram_queue.h"
#include "net/tls_verify.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024.0 * 1024)

static bool is_expired(X509 *cert, time_t now)
{
    return X509_cmp_time(X509_get0_notAfter(cert), &now) < 0;
}

static void count_authorities(X509_STORE *store, unsigned *all, unsigned *expired)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    time_t now = time(NULL);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509 *cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (cert == NULL)
            continue;
        (*all)++;
        *expired += is_expired(cert, now);
    }
}

static void tell_authorities(struct ww_doctor *d)
{
    const char *file = d->config->fetch_ca_file;
    const char *name = file != NULL ? file : "the system's list";
    unsigned all = 0;
    unsigned expired = 0;
    X509_STORE *store = ww_tls_store_new(file);
    if (store != NULL)
        count_authorities(store, &all, &expired);
    X509_STORE_free(store);
    bool most = all > 0 && expired * 2 <= all;
    ww_doctor_tell(d, WW_CHECK_AUTHORITIES, most ? WW_FINDING_OK : WW_FINDING_FAIL, NULL,
                   all > 0 ? "%s has %u trusted authorities, %u of them expired"
                           : "%s cannot be read, or has no authority in it: no policy can be fetched",
                   name, all, expired);
    if (most)
        return;
    if (file == NULL)
        ww_doctor_command(d, "apt install --reinstall ca-certificates && update-ca-certificates");
    else
        ww_doctor_advise(
            d, "Set fetch.ca_file to a file of authorities in PEM, or remove it. Is the clock right?");
}

static void tell_memory(struct ww_doctor *d)
{
    double all = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double wanted = (double)d->config->cache_max_bytes;
    bool good = wanted <= all / 2;
    ww_doctor_tell(d, WW_CHECK_MEMORY, good ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   "the cache may grow to %.0f of this machine's %.0f MiB", wanted / MIB, all / MIB);
    if (!good)
        ww_doctor_advise(d,
                         "Set cache.max_bytes to %.0fM or less, so that there is room for Postfix and for "
                         "the disk's cache.",
                         all / 2 / MIB);
}

/* The queue has the length that was configured when the socket was made. */
static void tell_queue(struct ww_doctor *d)
{
    unsigned queue = ww_datagram_queue();
    bool good = queue >= WW_DATAGRAM_QUEUE_WANTED;
    if (!d->config->collect)
        return;
    ww_doctor_tell(d, WW_CHECK_DATAGRAM_QUEUE, good ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   good
                       ? "the queue of a socket for TLS results holds %u datagrams"
                       : "the queue of a socket for TLS results holds %u datagrams: Postfix loses those of a "
                         "burst of deliveries",
                   queue);
    if (!good)
        ww_doctor_command(d, WW_DATAGRAM_QUEUE_COMMAND " && systemctl restart waxwingd");
}

void ww_doctor_system(struct ww_doctor *d)
{
    tell_authorities(d);
    tell_memory(d);
    tell_queue(d);
}
