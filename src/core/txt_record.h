/*
 * The frame that the TXT records of RFC 8461 section 3.1 and RFC 8460 section 3 share: a version, then one or
 * more fields `name=value`, each after a semicolon that may stand between white space, then perhaps one more
 * semicolon.
 */
#ifndef WW_CORE_TXT_RECORD_H
#define WW_CORE_TXT_RECORD_H

#include "base/err.h"
#include "base/slice.h"

/* What the TXT RRs of one name amount to. */
enum ww_txt_presence {
    WW_TXT_ABSENT,  /* no record of this version: the domain does not take part */
    WW_TXT_PRESENT, /* exactly one, and it is valid */
    WW_TXT_INVALID, /* more than one, or one that breaks the grammar: no policy available */
};

/* One kind of record: its version, and the name of each rule of the frame. */
struct ww_txt_kind {
    const char *version; /* "v=STSv1" */
    const char *family;  /* lower case: a lone record that holds it is meant to be of this kind */
    enum ww_err bad_version, multiple, delimiter, space_end, octet, empty, name, equals, value;
};

struct ww_txt_reader {
    const struct ww_txt_kind *kind;
    const char *p; /* borrowed: the whole record */
    size_t n;
    size_t at;
};

/* A field, borrowed from the record. */
struct ww_txt_field {
    struct ww_slice text;  /* without white space around it; nothing inside is checked yet */
    struct ww_slice name;  /* up to the first equals sign, or all */
    struct ww_slice value; /* behind it */
    size_t offset;         /* of text in the record */
};

/*
 * Picks the record of a kind among all TXT RRs of a name: several RRs are first rid of those that do not
 * start with the exact octets of the version and a semicolon. A lone RR is taken as it is when it holds the
 * family's name, so that a misspelt record is called invalid and an unrelated one absent. WW_TXT_PRESENT sets
 * *index and promises no more than that there is one to parse; WW_TXT_INVALID says that there are several.
 */
enum ww_txt_presence ww_txt_record_pick(const struct ww_txt_kind *kind, const struct ww_slice *rrs,
                                        size_t count, size_t *index);

/* True when the RR starts with the version and a semicolon: what counts when there are several. */
bool ww_txt_record_has_prefix(const struct ww_txt_kind *kind, struct ww_slice rr);

/* True when the RR holds the family's name in upper or lower case, wherever. */
bool ww_txt_record_has_family(const struct ww_txt_kind *kind, struct ww_slice rr);

/* Checks the version and begins behind it. On an error *offset is where, and reading may go on all the same.
 */
WW_MUST_CHECK enum ww_err ww_txt_reader_open(struct ww_txt_reader *r, const struct ww_txt_kind *kind,
                                             const char *p, size_t n, size_t *offset);

/*
 * The next field, or the next broken rule between fields (*err, with its *offset); false at the end. After an
 * error reading goes on behind the next semicolon, so that a linter finds them all.
 */
bool ww_txt_reader_next(struct ww_txt_reader *r, struct ww_txt_field *field, enum ww_err *err,
                        size_t *offset);

/* Checks a field against the rule for extensions, which every field has to fit at least. */
WW_MUST_CHECK enum ww_err ww_txt_field_check(const struct ww_txt_kind *kind, const struct ww_txt_field *field,
                                             size_t *offset);

#endif
