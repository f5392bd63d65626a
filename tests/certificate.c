#include "certificate.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

/* What posix_spawnp takes, though it changes nothing. */
#define ARGUMENT(text) ((char *)(uintptr_t)(text))

bool
certificate_make(const char *certificate, const char *key)
{
    char *const arguments[] = {ARGUMENT("openssl"),
                               ARGUMENT("req"),
                               ARGUMENT("-x509"),
                               ARGUMENT("-newkey"),
                               ARGUMENT("ec"),
                               ARGUMENT("-pkeyopt"),
                               ARGUMENT("ec_paramgen_curve:prime256v1"),
                               ARGUMENT("-nodes"),
                               ARGUMENT("-days"),
                               ARGUMENT("2"),
                               ARGUMENT("-subj"),
                               ARGUMENT("/CN=127.0.0.1"),
                               ARGUMENT("-addext"),
                               ARGUMENT("subjectAltName=IP:127.0.0.1"),
                               ARGUMENT("-keyout"),
                               ARGUMENT(key),
                               ARGUMENT("-out"),
                               ARGUMENT(certificate),
                               NULL};
    char *const environment[] = {ARGUMENT("PATH=/usr/bin:/bin"), NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int ended = -1;
    bool made;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    made = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0 &&
           posix_spawnp(&child, "openssl", &actions, NULL, arguments, environment) == 0 &&
           waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return made;
}
