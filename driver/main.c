/* main.c - mdriver: replay traces against stages and print one table. */
#include "session.h"

int main(int argc, char *argv[])
{
    return session_main(argc, argv, NULL);
}
