/*
 * The least a CNI ADD or DEL of a kernel VF can cost: a static program that makes the same moves and nothing else.
 *
 *   floor add NETNS HOSTNAME PODNAME    look the link up, move and rename it in one request, bring it up in the pod
 *   floor del NETNS HOSTNAME PODNAME    take it back under its name in one request
 *
 * The namespace it is started in is the host's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char message[4096];

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct nlmsghdr *start(int type, int index, unsigned flags, unsigned change) {
  struct nlmsghdr *header = (struct nlmsghdr *)message;
  memset(message, 0, sizeof message);
  header->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
  header->nlmsg_type = (unsigned short)type;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  struct ifinfomsg *link = NLMSG_DATA(header);
  link->ifi_index = index;
  link->ifi_flags = flags;
  link->ifi_change = change;
  return header;
}

static void add(struct nlmsghdr *header, int type, const void *data, size_t length) {
  struct rtattr *attribute = (struct rtattr *)(message + NLMSG_ALIGN(header->nlmsg_len));
  attribute->rta_type = (unsigned short)type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), data, length);
  header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* Sends and waits for the answer; the index of a link that is described before the acknowledgement. */
static int ask(int socket, struct nlmsghdr *request, const char *what) {
  static char answer[65536];
  int index = 0;
  check((int)send(socket, request, request->nlmsg_len, 0), what);
  for (;;) {
    int length = (int)recv(socket, answer, sizeof answer, 0);
    check(length, what);
    for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, (unsigned)length); h = NLMSG_NEXT(h, length)) {
      if (h->nlmsg_type == RTM_NEWLINK) index = ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index;
      if (h->nlmsg_type != NLMSG_ERROR) continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
      check(errno == 0 ? 0 : -1, what);
      return index;
    }
  }
}

static int open_netlink(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  check(fd, "socket");
  return fd;
}

static int find(int socket, const char *name) {
  struct nlmsghdr *request = start(RTM_GETLINK, 0, 0, 0);
  add(request, IFLA_IFNAME, name, strlen(name) + 1);
  return ask(socket, request, name);
}

static void move(int socket, int index, int target, const char *name) {
  struct nlmsghdr *request = start(RTM_SETLINK, index, 0, 0);
  add(request, IFLA_NET_NS_FD, &target, sizeof target);
  add(request, IFLA_IFNAME, name, strlen(name) + 1);
  ask(socket, request, "move");
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: floor add|del NETNS HOSTNAME PODNAME\n");
    return 2;
  }
  int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), pod = open(argv[2], O_RDONLY | O_CLOEXEC);
  check(host, "own namespace");
  check(pod, argv[2]);
  int outside = open_netlink();
  check(setns(pod, CLONE_NEWNET), "setns");
  int inside = open_netlink();
  if (strcmp(argv[1], "add") == 0) {
    move(outside, find(outside, argv[3]), pod, argv[4]);
    ask(inside, start(RTM_NEWLINK, find(inside, argv[4]), IFF_UP, IFF_UP), "up");
  } else {
    move(inside, find(inside, argv[4]), host, argv[3]);
  }
  return 0;
}
