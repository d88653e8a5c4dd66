/* main.c - referee: mdriver, with the stage in a process that is not believed.
 */
#include "remote.h"
#include "rig.h"
#include "session.h"

int main(int argc, char *argv[])
{
    static const struct way way = {remote_open, rig_audit, rig_measure};

    return session_main(argc, argv, &way);
}
