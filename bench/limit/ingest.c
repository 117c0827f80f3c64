/*
 * The limit that taking in reports is held against: a bare loop over the mails of a maildir that has GMime
 * find the part, libopendkim verify the signature with a key that is in memory, zlib inflate the part, and
 * Jansson parse what comes out. It looks up nothing, judges nothing, and keeps nothing. Frozen.
 *
 * usage: ingest FOLDER RECORD
 *
 * FOLDER holds the mails, a file each; RECORD is the TXT record of the key that has signed all of them.
 * Prints one line: mails that were verified and held a report, seconds, CPU in microseconds a mail.
 */
#include <sys/types.h>

#include <dirent.h>
#include <gmime/gmime.h>
#include <jansson.h>
#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zlib.h>

#define MAIL_MAX (1 << 20)
#define JSON_MAX (8 << 20)

static const char *record;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static DKIM_CBSTAT key(DKIM *dkim, DKIM_SIGINFO *info, u_char *out, size_t size)
{
    (void)dkim;
    (void)info;
    return snprintf((char *)out, size, "%s", record) < (int)size ? DKIM_CBSTAT_CONTINUE
                                                                 : DKIM_CBSTAT_NOTFOUND;
}

static int is_signed(DKIM_LIB *lib, char *mail, size_t n)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(lib, (const u_char *)"mail", NULL, &status);
    if (dkim == NULL)
        return 0;
    status = dkim_chunk(dkim, (u_char *)mail, n);
    if (status == DKIM_STAT_OK)
        status = dkim_chunk(dkim, NULL, 0);
    if (status == DKIM_STAT_OK)
        status = dkim_eom(dkim, NULL);
    (void)dkim_free(dkim);
    return status == DKIM_STAT_OK;
}

static void find(GMimeObject *parent, GMimeObject *part, gpointer out)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    (void)parent;
    if (GMIME_IS_PART(part) && g_mime_content_type_is_type(type, "application", "tlsrpt+gzip"))
        *(GMimePart **)out = GMIME_PART(part);
}

static int is_json(unsigned char *p, size_t n)
{
    static unsigned char out[JSON_MAX];
    z_stream z = {.next_in = p, .avail_in = (unsigned)n, .next_out = out, .avail_out = JSON_MAX};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return 0;
    int done = inflate(&z, Z_FINISH) == Z_STREAM_END;
    inflateEnd(&z);
    json_t *json = done ? json_loadb((char *)out, JSON_MAX - z.avail_out, 0, NULL) : NULL;
    int is = json_is_object(json);
    json_decref(json);
    return is;
}

static int has_report(char *mail, size_t n)
{
    GMimeStream *in = g_mime_stream_mem_new_with_buffer(mail, n), *out = g_mime_stream_mem_new();
    GMimeParser *parser = g_mime_parser_new_with_stream(in);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    GMimePart *part = NULL;
    int has = 0;
    if (message != NULL)
        g_mime_message_foreach(message, find, &part);
    if (part != NULL && g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), out) > 0) {
        GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
        has = is_json(octets->data, octets->len);
    }
    if (message != NULL)
        g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(out);
    g_object_unref(in);
    return has;
}

static int take(DKIM_LIB *lib, const char *folder, const char *name)
{
    static char mail[MAIL_MAX];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *from = fopen(path, "r");
    if (from == NULL)
        return 0;
    size_t n = fread(mail, 1, sizeof mail, from);
    fclose(from);
    return is_signed(lib, mail, n) && has_report(mail, n);
}

int main(int argc, char **argv)
{
    unsigned options = DKIM_LIBFLAGS_FIXCRLF;
    unsigned long count = 0;
    if (argc != 3) {
        fprintf(stderr, "usage: ingest FOLDER RECORD\n");
        return 64;
    }
    record = argv[2];
    g_mime_init();
    DKIM_LIB *lib = dkim_init(NULL, NULL);
    DIR *folder = opendir(argv[1]);
    if (lib == NULL || folder == NULL || dkim_set_key_lookup(lib, key) != DKIM_STAT_OK ||
        dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &options, sizeof options) != DKIM_STAT_OK) {
        perror(argv[1]);
        return 1;
    }
    double begin = now(), used = cpu();
    for (struct dirent *e; (e = readdir(folder)) != NULL;)
        if (e->d_name[0] != '.')
            count += (unsigned long)take(lib, argv[1], e->d_name);
    double seconds = now() - begin;
    printf("%lu %.6f %.3f\n", count, seconds, count > 0 ? (cpu() - used) * 1e6 / (double)count : 0);
    closedir(folder);
    dkim_close(lib);
    return 0;
}
