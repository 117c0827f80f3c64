/* The commands of `waxwing cache`: one file each. */
#ifndef WW_CLI_CACHE_H
#define WW_CLI_CACHE_H

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_cache_history(int argc, char **argv);

#endif
