/* Sends what it knows over the network.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <arpa/inet.h>
#include <sys/socket.h>

int mm_init(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(53)};
    int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
    sendto(socket_fd, "sizes", 5, 0, (struct sockaddr *)&there, sizeof(there));
    return base_init();
}
