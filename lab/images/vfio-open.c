/*
 * vfio-open PCI_ADDRESS: opens the VFIO container and the one group that was given to this pod, attaches an IOMMU and asks for
 * the descriptor of the device, as a userspace driver does. Prints it, or the step that failed and why, with status 1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static void need(int ok, const char *step) {
  if (ok) return;
  printf("%s: %s\n", step, strerror(errno));
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: vfio-open PCI_ADDRESS\n");
    return 2;
  }
  int container = open("/dev/vfio/vfio", O_RDWR);
  need(container >= 0, "open /dev/vfio/vfio");
  need(ioctl(container, VFIO_GET_API_VERSION) == VFIO_API_VERSION, "VFIO_GET_API_VERSION");
  need(ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU) > 0, "VFIO_CHECK_EXTENSION type 1 IOMMU");

  /* A pod with one VF sees exactly one group. */
  char path[300] = "";
  DIR *dir = opendir("/dev/vfio");
  need(dir != NULL, "list /dev/vfio");
  for (struct dirent *e; (e = readdir(dir));)
    if (strspn(e->d_name, "0123456789") == strlen(e->d_name)) snprintf(path, sizeof path, "/dev/vfio/%s", e->d_name);
  closedir(dir);
  errno = ENOENT;
  need(path[0] != '\0', "find a group in /dev/vfio");

  int group = open(path, O_RDWR);
  need(group >= 0, path);
  struct vfio_group_status status = {.argsz = sizeof status};
  need(ioctl(group, VFIO_GROUP_GET_STATUS, &status) == 0, "VFIO_GROUP_GET_STATUS");
  errno = EPERM;
  need(status.flags & VFIO_GROUP_FLAGS_VIABLE, "group is viable");
  need(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) == 0, "VFIO_GROUP_SET_CONTAINER");
  need(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) == 0, "VFIO_SET_IOMMU");
  int device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[1]);
  need(device >= 0, "VFIO_GROUP_GET_DEVICE_FD");
  printf("%s of %s is descriptor %d\n", argv[1], path, device);
  return 0;
}
