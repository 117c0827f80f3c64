#include "engine/lmtp.h"

#include "base/ascii.h"
#include "core/utf8.h"

enum state {
    GREETED, /* LHLO is awaited */
    READY,
    MAILING, /* MAIL was taken, and perhaps RCPT */
    MESSAGE,
    SUBMITTED,
    ENDED,
};

enum data {
    LINE_BEGINS,
    INSIDE,
    SEEN_CR,
    SEEN_DOT, /* at the beginning of a line */
    SEEN_DOT_CR,
};

static void reply(struct ww_buf *out, const char *line)
{
    ww_buf_str(out, line);
    ww_buf_str(out, "\r\n");
}

void ww_lmtp_begin(struct ww_lmtp *l, const char *host, size_t size_max, struct ww_buf *out)
{
    *l = (struct ww_lmtp){.host = host, .size_max = size_max, .state = GREETED};
    ww_buf_str(out, "220 ");
    ww_buf_str(out, host);
    reply(out, " LMTP Waxwing takes reports");
}

void ww_lmtp_end(struct ww_lmtp *l, const char *words, struct ww_buf *out)
{
    if (l->state != ENDED && out->cap - out->n >= WW_LMTP_REPLY_MAX) {
        ww_buf_str(out, "421 ");
        reply(out, words);
    }
    l->state = ENDED;
    l->answers = 0;
}

bool ww_lmtp_is_in_message(const struct ww_lmtp *l)
{
    return l->state == MESSAGE;
}

static void forget_mail(struct ww_lmtp *l)
{
    if (l->state == MAILING)
        l->state = READY;
    l->recipients = 0;
    l->sender[0] = '\0';
    l->utf8 = false;
}

/* ---- Commands ---- */

static void fault(struct ww_lmtp *l, struct ww_buf *out, const char *line)
{
    l->faults++;
    if (l->faults < WW_LMTP_FAULTS_MAX)
        reply(out, line);
    else
        ww_lmtp_end(l, "4.7.0 too many commands that are wrong", out);
}

/* The next word, and the blanks behind it. */
static struct ww_slice take_word(struct ww_slice *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ' ')
        n++;
    struct ww_slice word = ww_slice(rest->p, n);
    while (n < rest->n && rest->p[n] == ' ')
        n++;
    *rest = ww_slice(rest->p + n, rest->n - n);
    return word;
}

/*
 * A path in its angle brackets, which are left out of it; a quoted part may hold both. False: there is none,
 * or none that ends before a blank or the end.
 */
static bool take_path(struct ww_slice *rest, struct ww_slice *path)
{
    bool quoted = false;
    size_t i = 1;
    while (rest->n > 0 && rest->p[0] == ' ')
        *rest = ww_slice(rest->p + 1, rest->n - 1);
    if (rest->n == 0 || rest->p[0] != '<')
        return false;
    for (; i < rest->n && (quoted || rest->p[i] != '>'); i++) {
        char c = rest->p[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\')
            i++;
        else if (!quoted && (c == '<' || c == ' '))
            return false;
    }
    if (i >= rest->n || i + 1 > WW_LMTP_PATH_MAX || (i + 1 < rest->n && rest->p[i + 1] != ' '))
        return false;
    *path = ww_slice(rest->p + 1, i - 1);
    *rest = ww_slice(rest->p + i + 1, rest->n - i - 1);
    (void)take_word(rest);
    return true;
}

static bool is_ascii(struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* Behind "SIZE=". What is larger than any size is as large as can be. */
static bool read_size(struct ww_slice digits, size_t *size)
{
    *size = 0;
    if (digits.n == 0 || digits.n > 20)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (!ww_is_digit(digits.p[i]))
            return false;
        *size = *size > (SIZE_MAX - 9) / 10 ? SIZE_MAX - 9 : *size * 10 + (size_t)(digits.p[i] - '0');
    }
    return true;
}

/* NULL: all are good. */
static const char *take_mail_parameters(struct ww_lmtp *l, struct ww_slice rest)
{
    size_t size;
    l->utf8 = false;
    while (rest.n > 0) {
        struct ww_slice word = take_word(&rest);
        if (ww_starts_nocase(word, "size=")) {
            if (!read_size(ww_slice(word.p + 5, word.n - 5), &size))
                return "501 5.5.4 SIZE is a number of octets";
            if (size > l->size_max)
                return "552 5.3.4 the message is too large";
        } else if (ww_is_nocase(word, "smtputf8")) {
            l->utf8 = true;
        } else if (!ww_is_nocase(word, "body=7bit") && !ww_is_nocase(word, "body=8bitmime")) {
            return "555 5.5.4 a parameter that is not offered here";
        }
    }
    return NULL;
}

static void take_mail(struct ww_lmtp *l, struct ww_slice rest, struct ww_buf *out)
{
    struct ww_slice path;
    if (l->state != READY) {
        fault(l, out, l->state == GREETED ? "503 5.5.1 LHLO first" : "503 5.5.1 a mail has begun already");
        return;
    }
    if (!ww_starts_nocase(rest, "from:")) {
        fault(l, out, "501 5.5.4 MAIL FROM:<address>");
        return;
    }
    rest = ww_slice(rest.p + 5, rest.n - 5);
    if (!take_path(&rest, &path)) {
        fault(l, out, "501 5.1.7 that is no address");
        return;
    }
    const char *why = take_mail_parameters(l, rest);
    if (why == NULL && !l->utf8 && !is_ascii(path))
        why = "553 5.6.7 an address in UTF-8 needs SMTPUTF8";
    if (why != NULL) {
        fault(l, out, why);
        return;
    }
    memcpy(l->sender, path.p, path.n);
    l->sender[path.n] = '\0';
    l->state = MAILING;
    reply(out, "250 2.1.0 ok");
}

static void take_rcpt(struct ww_lmtp *l, struct ww_slice rest, struct ww_buf *out)
{
    struct ww_slice path;
    if (l->state != MAILING) {
        fault(l, out, "503 5.5.1 MAIL first");
        return;
    }
    if (!ww_starts_nocase(rest, "to:")) {
        fault(l, out, "501 5.5.4 RCPT TO:<address>");
        return;
    }
    rest = ww_slice(rest.p + 3, rest.n - 3);
    if (!take_path(&rest, &path) || path.n == 0) {
        fault(l, out, "501 5.1.3 that is no address");
    } else if (rest.n > 0) {
        fault(l, out, "555 5.5.4 a parameter that is not offered here");
    } else if (!l->utf8 && !is_ascii(path)) {
        fault(l, out, "553 5.6.7 an address in UTF-8 needs SMTPUTF8");
    } else if (l->recipients == WW_LMTP_RECIPIENTS_MAX) {
        reply(out, "452 4.5.3 too many recipients");
    } else {
        l->recipients++;
        reply(out, "250 2.1.5 ok");
    }
}

static void take_data(struct ww_lmtp *l, struct ww_slice rest, struct ww_buf *message, struct ww_buf *out)
{
    if (rest.n > 0) {
        fault(l, out, "501 5.5.4 DATA takes no argument");
    } else if (l->state != MAILING || l->recipients == 0) {
        fault(l, out, "503 5.5.1 no recipient was taken");
    } else {
        *message = ww_buf(message->p, message->cap);
        l->state = MESSAGE;
        l->data = LINE_BEGINS;
        l->octets = 0;
        reply(out, "354 go on, a dot on a line of its own ends it");
    }
}

static void take_lhlo(struct ww_lmtp *l, struct ww_slice rest, struct ww_buf *out)
{
    if (rest.n == 0) {
        fault(l, out, "501 5.5.4 LHLO and a name");
        return;
    }
    forget_mail(l);
    l->state = READY;
    ww_buf_str(out, "250-");
    reply(out, l->host);
    ww_buf_str(out, "250-SIZE ");
    ww_buf_decimal(out, l->size_max);
    reply(out, "\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES");
}

static void take_command(struct ww_lmtp *l, struct ww_slice line, struct ww_buf *message, struct ww_buf *out)
{
    struct ww_slice rest = line;
    struct ww_slice verb = take_word(&rest);
    if (ww_is_nocase(verb, "lhlo")) {
        take_lhlo(l, rest, out);
    } else if (ww_is_nocase(verb, "mail")) {
        take_mail(l, rest, out);
    } else if (ww_is_nocase(verb, "rcpt")) {
        take_rcpt(l, rest, out);
    } else if (ww_is_nocase(verb, "data")) {
        take_data(l, rest, message, out);
    } else if (ww_is_nocase(verb, "rset")) {
        forget_mail(l);
        reply(out, "250 2.0.0 ok");
    } else if (ww_is_nocase(verb, "noop")) {
        reply(out, "250 2.0.0 ok");
    } else if (ww_is_nocase(verb, "vrfy")) {
        reply(out, "252 2.1.5 send it, and see");
    } else if (ww_is_nocase(verb, "quit")) {
        reply(out, "221 2.0.0 bye");
        l->state = ENDED;
    } else if (ww_is_nocase(verb, "helo") || ww_is_nocase(verb, "ehlo")) {
        fault(l, out, "500 5.5.1 this is LMTP: LHLO");
    } else {
        fault(l, out, "500 5.5.1 no such command");
    }
}

/* What may not stand in any command. NULL: it may. */
static const char *judge_line(struct ww_slice line)
{
    if (line.n == 0 || line.p[line.n - 1] != '\r')
        return "500 5.5.2 a line ends with CR LF";
    for (size_t i = 0; i + 1 < line.n;) {
        size_t n = ww_utf8_length(line.p + i, line.n - i);
        if (n == 0)
            return "500 5.5.2 no UTF-8";
        if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
            return "500 5.5.2 a control character";
        i += n;
    }
    return NULL;
}

/* One line with its line feed, or what there is of it. */
static void take_line(struct ww_lmtp *l, struct ww_slice *in, struct ww_buf *message, struct ww_buf *out)
{
    const char *feed = memchr(in->p, '\n', in->n);
    size_t n = feed != NULL ? (size_t)(feed - in->p) : in->n;
    if (n > sizeof l->line - 1 - l->line_n)
        l->skipping = true;
    if (!l->skipping) {
        memcpy(l->line + l->line_n, in->p, n);
        l->line_n += n;
    }
    *in = ww_slice(in->p + n, in->n - n);
    if (feed == NULL)
        return;
    *in = ww_slice(in->p + 1, in->n - 1);
    struct ww_slice line = ww_slice(l->line, l->line_n);
    const char *why = l->skipping ? "500 5.5.2 the line is too long" : judge_line(line);
    l->line_n = 0;
    l->skipping = false;
    if (++l->commands > WW_LMTP_COMMANDS_MAX)
        ww_lmtp_end(l, "4.7.0 too many commands without a mail", out);
    else if (why != NULL)
        fault(l, out, why);
    else
        take_command(l, ww_slice(line.p, line.n - 1), message, out);
}

/* ---- The message ---- */

void ww_lmtp_answer(struct ww_lmtp *l, const char *line)
{
    struct ww_buf b = ww_buf(l->answer, sizeof l->answer - sizeof "\r\n");
    if (l->state != SUBMITTED)
        return;
    for (; *line != '\0' && b.n < b.cap; line++)
        ww_buf_char(&b, ww_is_vchar(*line) || *line == ' ' ? *line : '?');
    l->answer[b.n] = '\0';
    l->answers = l->recipients;
    l->state = MAILING;
    l->faults = 0;
    l->commands = 0;
    forget_mail(l);
}

static void write_message(struct ww_lmtp *l, struct ww_buf *message, const char *p, size_t n)
{
    l->octets += n;
    if (n > 0 && l->octets <= l->size_max)
        ww_buf_bytes(message, p, n);
}

static void end_message(struct ww_lmtp *l, const struct ww_buf *message)
{
    l->state = SUBMITTED;
    if (l->octets > l->size_max)
        ww_lmtp_answer(l, "552 5.3.4 the message is too large");
    else if (message->failed)
        ww_lmtp_answer(l, "452 4.3.1 too much is being received just now, try again later");
}

/* What is no longer than a line's rest that holds nothing special is written at once. */
static size_t take_inside(struct ww_lmtp *l, struct ww_slice in, struct ww_buf *message)
{
    const char *cr = memchr(in.p, '\r', in.n);
    size_t n = cr != NULL ? (size_t)(cr - in.p) : in.n;
    write_message(l, message, in.p, n);
    if (cr == NULL)
        return n;
    l->data = SEEN_CR;
    return n + 1;
}

/* Behind a CR that is not written yet. */
static void take_behind_cr(struct ww_lmtp *l, char c, struct ww_buf *message)
{
    write_message(l, message, "\r", 1);
    if (c == '\r')
        return;
    write_message(l, message, &c, 1);
    l->data = c == '\n' ? LINE_BEGINS : INSIDE;
}

static void take_message(struct ww_lmtp *l, struct ww_slice *in, struct ww_buf *message)
{
    while (in->n > 0 && l->state == MESSAGE) {
        size_t used = 1;
        char c = in->p[0];
        switch ((enum data)l->data) {
        case LINE_BEGINS:
            if (c == '.')
                l->data = SEEN_DOT;
            else
                l->data = INSIDE, used = 0;
            break;
        case INSIDE:
            used = take_inside(l, *in, message);
            break;
        case SEEN_CR:
            take_behind_cr(l, c, message);
            break;
        case SEEN_DOT: /* where something follows, the dot is the sender's stuffing */
            if (c == '\r')
                l->data = SEEN_DOT_CR;
            else
                l->data = INSIDE, used = 0;
            break;
        case SEEN_DOT_CR:
            if (c == '\n')
                end_message(l, message);
            else
                l->data = SEEN_CR, used = 0;
            break;
        }
        *in = ww_slice(in->p + used, in->n - used);
    }
}

/* ---- All of it ---- */

static bool has_room(const struct ww_buf *out)
{
    return out->cap - out->n >= WW_LMTP_REPLY_MAX;
}

enum ww_lmtp_want ww_lmtp_take(struct ww_lmtp *l, struct ww_slice *in, struct ww_buf *message,
                               struct ww_buf *out)
{
    for (;;) {
        for (; l->answers > 0 && has_room(out); l->answers--)
            reply(out, l->answer);
        if (l->state == ENDED)
            return WW_LMTP_CLOSE;
        if (l->state == SUBMITTED)
            return WW_LMTP_SUBMIT;
        if (l->answers > 0)
            return WW_LMTP_WRITE;
        if (in->n == 0)
            return WW_LMTP_READ;
        if (l->state == MESSAGE) {
            take_message(l, in, message);
            continue;
        }
        if (!has_room(out))
            return WW_LMTP_WRITE;
        take_line(l, in, message, out);
        if (l->state == MESSAGE)
            return WW_LMTP_WRITE;
    }
}
