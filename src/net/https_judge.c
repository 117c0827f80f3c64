#include "net/https_private.h"

#include "base/ascii.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

/* CURLE_TOO_LARGE, which libcurl before 8.6 does not know. */
#define TOO_LARGE 100

/* True when a step of the transfer has been reached. */
static bool reached(const struct ww_https_get *get, CURLINFO step)
{
    curl_off_t at = 0;
    return curl_easy_getinfo(get->easy, step, &at) == CURLE_OK && at > 0;
}

static const char *phase(const struct ww_https_get *get)
{
    if (!get->shaking_hands)
        return "while connecting";
    if (!reached(get, CURLINFO_APPCONNECT_TIME_T))
        return "during the TLS handshake";
    if (get->header_size == 0)
        return "while waiting for an answer";
    return "in the midst of the answer";
}

static int connect_error(const struct ww_https_get *get)
{
    long error = 0;
    (void)curl_easy_getinfo(get->easy, CURLINFO_OS_ERRNO, &error);
    return (int)error;
}

static void describe_connect(const struct ww_https_get *get, char *words, size_t size)
{
    char first[WW_ADDR_TEXT_SIZE];
    char others[32] = "";
    int error = connect_error(get);
    ww_addr_format(&get->addrs[0], first);
    if (get->addr_count > 1)
        (void)snprintf(others, sizeof others, " and %zu more", get->addr_count - 1);
    (void)snprintf(words, size, "%s%s: %s", first, others, error != 0 ? strerror(error) : get->words);
}

/*
 * Where an answer has no length of its own, only TLS can tell its end from a connection that somebody cut
 * (RFC 9112 section 9.8).
 */
static bool is_torn(const struct ww_https_get *get)
{
    curl_off_t length = -1;
    struct curl_header *h = NULL;
    (void)curl_easy_getinfo(get->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    bool chunked = curl_easy_header(get->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
                   strcasestr(h->value, "chunked") != NULL;
    return length < 0 && !chunked && !get->fault.goodbye;
}

/* A content coding was never asked for: a body under one is not what was published. */
static bool is_coded(const struct ww_https_get *get)
{
    struct curl_header *h = NULL;
    if (curl_easy_header(get->easy, "Content-Encoding", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return false;
    return h->amount > 1 || strcasecmp(h->value, "identity") != 0;
}

/* libcurl has one code for all that goes wrong when receiving; only its words tell more. */
static enum ww_err judge_receiving(const struct ww_https_get *get)
{
    if (strstr(get->words, "chunk") != NULL)
        return WW_E_HTTPS_PROTOCOL;
    /* Newer libcurl finds by itself what is_torn looks for. */
    if (strstr(get->words, "unexpected eof") != NULL && reached(get, CURLINFO_STARTTRANSFER_TIME_T))
        return WW_E_HTTPS_CUT;
    return strstr(get->words, "alert") != NULL ? WW_E_HTTPS_TLS : WW_E_HTTPS_RESET;
}

static enum ww_err judge_stopped(const struct ww_https_get *get)
{
    if (get->status_says_all)
        return WW_OK;
    return get->stopped_by != WW_OK ? get->stopped_by : WW_E_HTTPS_OTHER;
}

static enum ww_err judge_code(const struct ww_https_get *get)
{
    switch ((int)get->code) {
    case CURLE_OK:
        return WW_OK;
    case CURLE_WRITE_ERROR:
        return judge_stopped(get);
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
        /* A reset can be there before libcurl has seen that the connection was. */
        return connect_error(get) == ECONNRESET ? WW_E_HTTPS_RESET : WW_E_HTTPS_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return WW_E_HTTPS_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
        return ww_tls_fault_err(&get->fault);
    case CURLE_PEER_FAILED_VERIFICATION:
        return get->fault.err != WW_OK ? get->fault.err : WW_E_HTTPS_CERT;
    case CURLE_SEND_ERROR:
        return WW_E_HTTPS_RESET;
    case CURLE_RECV_ERROR:
        return judge_receiving(get);
    case CURLE_GOT_NOTHING:
        return WW_E_HTTPS_EMPTY;
    case CURLE_PARTIAL_FILE:
        return WW_E_HTTPS_CUT;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return WW_E_HTTPS_PROTOCOL;
    case TOO_LARGE:
        return WW_E_HTTPS_HEADERS;
    case CURLE_OUT_OF_MEMORY:
        /* What older libcurl says of one endless header line. */
        return reached(get, CURLINFO_APPCONNECT_TIME_T) ? WW_E_HTTPS_HEADERS : WW_E_NO_MEMORY;
    default:
        return WW_E_HTTPS_OTHER;
    }
}

/* An answer arrived; with status 200 it must also be whole, and as it was published. */
static enum ww_err judge_answer(const struct ww_https_get *get)
{
    long status = 0;
    (void)curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
    if (get->post || status != WW_HTTPS_OK)
        return WW_OK;
    if (is_torn(get))
        return WW_E_HTTPS_CUT;
    return is_coded(get) ? WW_E_HTTPS_CODING : WW_OK;
}

void ww_https_judge(struct ww_https_get *get, struct ww_https_reply *reply, char *words, size_t size)
{
    reply->err = judge_code(get);
    reply->detail = words;
    words[0] = '\0';
    if (reply->err == WW_OK)
        reply->err = judge_answer(get);
    if (get->code == CURLE_COULDNT_CONNECT || get->code == CURLE_INTERFACE_FAILED)
        describe_connect(get, words, size);
    else if (reply->err == WW_E_HTTPS_TIMEOUT)
        (void)snprintf(words, size, "after %u ms, %s", get->https->deadline_ms, phase(get));
    else if (reply->err == WW_E_HTTPS_CUT && get->code == CURLE_OK)
        (void)snprintf(words, size, "no length, and closed without a TLS close_notify");
    else if (get->fault.detail[0] != '\0')
        (void)snprintf(words, size, "%s", get->fault.detail);
    else if (get->code != CURLE_OK && get->stopped_by == WW_OK)
        (void)snprintf(words, size, "%s", get->words);
    if (reply->err == WW_OK || words[0] == '\0')
        reply->detail = NULL;
}
