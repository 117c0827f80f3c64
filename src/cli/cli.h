/* The subcommands of `waxwing`, and what they share. */
#ifndef WW_CLI_CLI_H
#define WW_CLI_CLI_H

/* Exit codes. Those above 63 are the ones of sysexits.h. */
enum ww_exit {
    WW_EXIT_OK = 0,         /* done, valid, or a match */
    WW_EXIT_NOT = 1,        /* invalid, none, no match */
    WW_EXIT_PARTLY = 2,     /* explain: TLS, or authentication at some hosts, is demanded */
    WW_EXIT_HELD = 3,       /* explain: no mail would be delivered now */
    WW_EXIT_ERRORS = 1,     /* check: the worst finding is an error */
    WW_EXIT_WARNINGS = 2,   /* check: it is a warning */
    WW_EXIT_NOTES = 3,      /* check: it is an information */
    WW_EXIT_USAGE = 64,     /* the command line is wrong */
    WW_EXIT_DATA = 65,      /* the input is not what it should be */
    WW_EXIT_NO_INPUT = 66,  /* a file cannot be read */
    WW_EXIT_INTERNAL = 70,  /* out of memory, or the output cannot be written */
    WW_EXIT_TEMPORARY = 75, /* no answer now: try again later */
    WW_EXIT_CONFIG = 78     /* the configuration is wrong */
};

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_advise(int argc, char **argv);
int ww_cli_cache(int argc, char **argv);
int ww_cli_check(int argc, char **argv);
int ww_cli_watch(int argc, char **argv);
int ww_cli_doctor(int argc, char **argv);
int ww_cli_explain(int argc, char **argv);
int ww_cli_generate(int argc, char **argv);
int ww_cli_lint(int argc, char **argv);
int ww_cli_override(int argc, char **argv);
int ww_cli_preload(int argc, char **argv);
int ww_cli_publish(int argc, char **argv);
int ww_cli_query(int argc, char **argv);
int ww_cli_report(int argc, char **argv);
int ww_cli_report_dkim_key(int argc, char **argv);
int ww_cli_results(int argc, char **argv);
int ww_cli_simulate(int argc, char **argv);
int ww_cli_status(int argc, char **argv);

#endif
