/*
 * Sends TLS results as libtlsrpt does: datagrams of 590 octets, of 1,000 domains in turn, one in ten about a
 * failure.
 *
 * usage: datagrams SOCKET COUNT wait | burst [end]
 *
 * wait: each is sent when there is room for it. burst: as Postfix does, which does not wait; what finds no
 * room is lost. end: a datagram of one octet comes last. Prints one line: datagrams that were accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SIZE = 590, DOMAINS = 1000 };

static char texts[DOMAINS][SIZE + 1];

/* The record is as long as it has to be. */
static void write_texts(void)
{
    for (int i = 0; i < DOMAINS; i++) {
        char head[128], tail[SIZE], domain[32];
        snprintf(domain, sizeof domain, "d%d.example", i);
        int n = snprintf(head, sizeof head,
                         "{\"dpv\": \"1\",\"d\": \"%s\",\"pr\": \"v=TLSRPTv1;rua=mailto:", domain);
        int m = snprintf(tail, sizeof tail,
                         "@%s\",\"policies\":[{\"policy-type\":2,\"policy-domain\": \"%s\",\"policy-string\":"
                         "[\"version: STSv1\",\"mode: enforce\",\"mx: *.mta.example\",\"max_age: 86400\"],"
                         "\"mx-host\":[\"*.mta.example\"],%s}]}",
                         domain, domain,
                         i % 10 != 0
                             ? "\"t\":0,\"f\":0"
                             : "\"failure-details\":[{\"c\":203,\"s\": \"192.0.2.1\",\"n\": "
                               "\"mx1.mta.example\",\"h\": \"250 mx1.mta.example\",\"r\": \"198.51.100.7\","
                               "\"f\": \"self-signed certificate\"}],\"t\":1,\"f\":1");
        memset(texts[i], 'a', SIZE);
        memcpy(texts[i], head, (size_t)n);
        memcpy(texts[i] + SIZE - m, tail, (size_t)m);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (argc < 4 || argc > 5 || strlen(argv[1]) >= sizeof to.sun_path) {
        fprintf(stderr, "usage: datagrams SOCKET COUNT wait | burst [end]\n");
        return 64;
    }
    unsigned long count = strtoul(argv[2], NULL, 10), accepted = 0;
    int flags = strcmp(argv[3], "burst") == 0 ? MSG_DONTWAIT : 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    memcpy(to.sun_path, argv[1], strlen(argv[1]) + 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror(argv[1]);
        return 1;
    }
    write_texts();
    for (unsigned long i = 0; i < count; i++) {
        if (send(fd, texts[i % DOMAINS], SIZE, flags) == SIZE) {
            accepted++;
        } else if (errno != EAGAIN) {
            perror("send");
            return 1;
        }
    }
    if (argc == 5 && send(fd, ".", 1, 0) != 1) {
        perror("send");
        return 1;
    }
    printf("%lu\n", accepted);
    return 0;
}
