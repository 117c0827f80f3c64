/* What is shown on a terminal of what is under way, and that it goes away again. */
#include "cli/progress_hosts.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

static int kept;
static int screen;

/* Standard error is a terminal of so many columns from now on. */
static void begin(unsigned short width)
{
    const struct winsize size = {.ws_row = 24, .ws_col = width};
    int theirs;
    assert_int_equal(openpty(&screen, &theirs, NULL, NULL, &size), 0);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
    kept = dup(2);
    assert_int_equal(dup2(theirs, 2), 2);
    (void)close(theirs);
}

/* What it got until now: a terminal hands it over in pieces, so that an end is marked. */
static const char *got(void)
{
    static char text[8192];
    size_t n = 0;
    char *mark = NULL;
    (void)fputs("END", stderr);
    while (mark == NULL) {
        ssize_t more = read(screen, text + n, sizeof text - 1 - n);
        assert_true(more > 0);
        n += (size_t)more;
        text[n] = '\0';
        mark = strstr(text, "END");
    }
    *mark = '\0';
    return text;
}

static void end(void)
{
    assert_int_equal(dup2(kept, 2), 2);
    (void)close(kept);
    (void)close(screen);
}

static void parts_of_one_subject(void **state)
{
    (void)state;
    begin(60);
    struct ww_progress_hosts *p = ww_progress_hosts_new(1);
    assert_non_null(p);
    ww_progress_hosts_step(p, "a.example", "DNS", "", false);
    ww_progress_hosts_step(p, "a.example", "MX host", "mx\033.a.example", false);
    ww_progress_hosts_step(p, "a.example", "DNS", "", true);
    ww_progress_hosts_step(p, "a.example", "nobody", "has begun", true);
    ww_progress_hosts_draw(p);
    const char *text = got();
    assert_non_null(strstr(text, "a.example"));
    assert_non_null(strstr(text, "  done DNS"));
    assert_non_null(strstr(text, "  ...  MX host mx?.a.example"));
    assert_null(strstr(text, "nobody"));
    ww_progress_hosts_clear(p);
    assert_string_equal(got(), "\033[3A\033[J"); /* up as many lines as there are */
    ww_progress_hosts_done(p, "a.example");
    ww_progress_hosts_free(p);
    end();
}

static void a_line_for_each_of_several(void **state)
{
    (void)state;
    char name[32];
    begin(40);
    struct ww_progress_hosts *p = ww_progress_hosts_new(15);
    for (int i = 0; i < 14; i++) {
        (void)snprintf(name, sizeof name, "d%d.example", i);
        ww_progress_hosts_step(p, name, "policy host", "", false);
        ww_progress_hosts_step(p, name, "MX host", "mx.of.a.very.long.name.example", false);
    }
    ww_progress_hosts_done(p, "d0.example");
    ww_progress_hosts_draw(p);
    char *text = strdup(got());
    assert_non_null(text);
    assert_non_null(strstr(text, "1 of 15 domains inspected"));
    assert_null(strstr(text, "d0.example"));
    assert_non_null(strstr(text, "  d9.example"));
    assert_null(strstr(text, "d13.example"));
    assert_non_null(strstr(text, "  and 4 more"));
    for (char *line = strtok(text, "\r\n"); line != NULL; line = strtok(NULL, "\r\n"))
        assert_true(strlen(line) < 40 + strlen("\033[0m\033[K"));
    free(text);
    ww_progress_hosts_free(p); /* takes it off the screen */
    assert_string_equal(got(), "\033[11A\033[J");
    end();
}

static void nothing_where_there_is_no_terminal(void **state)
{
    (void)state;
    begin(40);
    assert_int_equal(setenv("TERM", "dumb", 1), 0);
    assert_null(ww_progress_hosts_new(1));
    end();
    int fd = dup(2);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_int_equal(dup2(fileno(file), 2), 2);
    struct ww_progress_hosts *p = ww_progress_hosts_new(2);
    assert_int_equal(dup2(fd, 2), 2);
    assert_null(p);
    ww_progress_hosts_step(p, "a.example", "DNS", "", false);
    ww_progress_hosts_draw(p);
    ww_progress_hosts_clear(p);
    ww_progress_hosts_free(p);
    (void)fclose(file);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_one_subject),
        cmocka_unit_test(a_line_for_each_of_several),
        cmocka_unit_test(nothing_where_there_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
