// A disk that loses what was not synced, fails on command and can be slow. Preloaded into a process (LD_PRELOAD), it
// keeps, beside the real files below one watched directory, an image of what a power cut would leave of them:
//
//   IMAGE/files/INODE   the content of a file as of its last successful fsync or fdatasync
//   IMAGE/dirs/INODE/   the entries of a directory as of its last fsync: a file is a hard link to its content at that
//                       moment's inode, a subdirectory a symbolic link whose text is its inode
//
// Files and directories are told by their inode, so renames, links and unlinks need no watching: they are in the image
// once the directory was synced, and not before. Only what gives an inode number a new meaning is watched: a file or
// directory that is made. Ranges that were overwritten are copied at the next sync like appended ones.
//
// Environment:
//   FAULTYDISK_WATCH    the directory, absolute and without symbolic links; it exists before the process starts
//   FAULTYDISK_IMAGE    the image, on a file system of any kind, outside of the watched directory
//   FAULTYDISK_CONTROL  a file of 4096 bytes, mapped and shared with whoever commands; see struct control
//
// What this model cannot see is counted in `violations` and said on standard error: a shared writable mapping of a
// watched file, a file opened with O_SYNC, O_DSYNC or O_DIRECT, sync(), syncfs() or msync(). A test must fail then.
//
// Owner: any thread. `making` is held from before something new is made until the image knows that it is new, and while
// entries are kept; an inode's own lock guards its dirty range and its copy in the image; `table` guards the list of
// inodes. They are taken in this order.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

// Numbers of 8 bytes in this order. The commanding side writes the first group, this side the second.
struct control {
  _Atomic int64_t sync_error;    // errno that fsync and fdatasync give; 0: none
  _Atomic int64_t sync_passes;   // so many more succeed before
  _Atomic int64_t write_error;   // errno that writes give
  _Atomic int64_t write_passes;
  _Atomic int64_t sync_millis;   // each fsync and fdatasync takes so much longer
  _Atomic int64_t lies;          // 1: syncs succeed and make nothing durable
  _Atomic int64_t reserved[2];
  _Atomic int64_t syncs;         // fsync and fdatasync of watched files and directories
  _Atomic int64_t writes;        // writes to watched files
  _Atomic int64_t faults;        // calls that failed on command
  _Atomic int64_t violations;    // see above
};

struct inode {
  dev_t device;
  ino_t number;
  int directory;
  pthread_mutex_t lock;
  int64_t dirty_from;            // written since the last sync: [from, to); to 0: nothing
  int64_t dirty_to;
  struct inode *next;
};

#define BUCKETS 4096
#define COPY_BYTES 65536

static struct inode *buckets[BUCKETS];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static char watch[PATH_MAX];
static size_t watch_length;
static char image[PATH_MAX];
static struct control nothing;
static struct control *control = &nothing;
static int active;

// ---- the C library's own functions

#define REAL(result, name, ...) static result (*real_##name)(__VA_ARGS__);
REAL(int, open, const char *, int, ...)
REAL(int, openat, int, const char *, int, ...)
REAL(FILE *, fopen, const char *, const char *)
REAL(int, mkdir, const char *, mode_t)
REAL(int, mkdirat, int, const char *, mode_t)
REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
REAL(ssize_t, writev, int, const struct iovec *, int)
REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t)
REAL(ssize_t, sendfile, int, int, off_t *, size_t)
REAL(ssize_t, copy_file_range, int, off_t *, int, off_t *, size_t, unsigned)
REAL(int, ftruncate, int, off_t)
REAL(int, truncate, const char *, off_t)
REAL(int, fallocate, int, int, off_t, off_t)
REAL(int, posix_fallocate, int, off_t, off_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(void *, mmap, void *, size_t, int, int, int, off_t)
REAL(int, msync, void *, size_t, int)
REAL(int, syncfs, int)
REAL(void, sync, void)

static pthread_once_t resolved = PTHREAD_ONCE_INIT;

static void resolve(void) {
#define FIND(name) *(void **)&real_##name = dlsym(RTLD_NEXT, #name)
  FIND(open);
  FIND(openat);
  FIND(fopen);
  FIND(mkdir);
  FIND(mkdirat);
  FIND(write);
  FIND(pwrite);
  FIND(writev);
  FIND(pwritev);
  FIND(sendfile);
  FIND(copy_file_range);
  FIND(ftruncate);
  FIND(truncate);
  FIND(fallocate);
  FIND(posix_fallocate);
  FIND(fsync);
  FIND(fdatasync);
  FIND(mmap);
  FIND(msync);
  FIND(syncfs);
  FIND(sync);
}

// Others may call before this library's constructor ran.
static void ready(void) { pthread_once(&resolved, resolve); }

static void say(const char *text, const char *detail) {
  char line[PATH_MAX + 128];
  int length = snprintf(line, sizeof line, "faultydisk: %s %s\n", text, detail);
  if (length > 0) {
    ssize_t ignored = real_write(2, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    (void)ignored;
  }
}

// The model would give wrong answers from here on, so it does not go on.
static void die(const char *text, const char *detail) {
  say(text, detail);
  say("cannot go on:", strerror(errno));
  _exit(99);
}

static void violation(const char *text, const char *detail) {
  atomic_fetch_add(&control->violations, 1);
  say("the model cannot see", text);
  say("  at", detail);
}

__attribute__((constructor)) static void begin(void) {
  ready();
  const char *watched = getenv("FAULTYDISK_WATCH");
  const char *kept = getenv("FAULTYDISK_IMAGE");
  const char *commands = getenv("FAULTYDISK_CONTROL");
  if (!watched || !kept || !commands) {
    return;
  }
  if (!realpath(watched, watch) || !realpath(kept, image)) {
    die("no such directory:", watched);
  }
  watch_length = strlen(watch);
  int fd = real_open(commands, O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    die("no control file", commands);
  }
  void *page = real_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    die("cannot map", commands);
  }
  close(fd);
  control = page;
  active = 1;
}

// ---- inodes

static struct inode *find(dev_t device, ino_t number) {
  for (struct inode *at = buckets[number % BUCKETS]; at; at = at->next) {
    if (at->number == number && at->device == device) {
      return at;
    }
  }
  return NULL;
}

static struct inode *watched_inode(int fd) {
  struct stat found;
  if (!active || fd < 0) {
    return NULL;
  }
  int before = errno;
  struct inode *inode = NULL;
  if (fstat(fd, &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) {
    pthread_mutex_lock(&table);
    inode = find(found.st_dev, found.st_ino);
    pthread_mutex_unlock(&table);
  }
  errno = before;
  return inode;
}

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) {
    return 0;
  }
  path[length] = 0;
  return 1;
}

static int is_below_watch(const char *path) {
  return strncmp(path, watch, watch_length) == 0 && (path[watch_length] == 0 || path[watch_length] == '/');
}

static void content_path(char *path, ino_t number) {
  if (snprintf(path, PATH_MAX, "%s/files/%ju", image, (uintmax_t)number) >= PATH_MAX) {
    die("the path is too long:", image);
  }
}

static void entries_path(char *path, ino_t number) {
  if (snprintf(path, PATH_MAX, "%s/dirs/%ju", image, (uintmax_t)number) >= PATH_MAX) {
    die("the path is too long:", image);
  }
}

static void remove_entries(const char *path) {
  DIR *directory = opendir(path);
  if (!directory) {
    return;
  }
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
      unlinkat(dirfd(directory), entry->d_name, 0);
    }
  }
  closedir(directory);
}

// This inode number means something new. What it meant before lives on in the entries of directories that were synced
// then.
static void forget_content(ino_t number) {
  char path[PATH_MAX];
  content_path(path, number);
  if (unlink(path) != 0 && errno != ENOENT) {
    die("cannot remove", path);
  }
}

// The directory's image is one that was synced as empty: an entry that leads here gives an empty directory.
static void forget_entries(ino_t number) {
  char path[PATH_MAX];
  entries_path(path, number);
  remove_entries(path);
}

static struct inode *enter(const struct stat *found, int made) {
  pthread_mutex_lock(&table);
  struct inode *inode = find(found->st_dev, found->st_ino);
  if (!inode) {
    inode = calloc(1, sizeof *inode);
    if (!inode) {
      die("no memory", "");
    }
    pthread_mutex_init(&inode->lock, NULL);
    inode->device = found->st_dev;
    inode->number = found->st_ino;
    // What another process wrote to it is not known: the first sync copies all of it.
    inode->dirty_to = INT64_MAX;
    inode->next = buckets[found->st_ino % BUCKETS];
    buckets[found->st_ino % BUCKETS] = inode;
  }
  inode->directory = S_ISDIR(found->st_mode);
  if (made) {
    inode->dirty_from = 0;
    inode->dirty_to = INT64_MAX;
    if (inode->directory) {
      forget_entries(found->st_ino);
    } else {
      forget_content(found->st_ino);
    }
  }
  pthread_mutex_unlock(&table);
  return inode;
}

static void touched(struct inode *inode, int64_t from, int64_t to) {
  pthread_mutex_lock(&inode->lock);
  if (inode->dirty_to == 0) {
    inode->dirty_from = from;
    inode->dirty_to = to;
  } else {
    inode->dirty_from = from < inode->dirty_from ? from : inode->dirty_from;
    inode->dirty_to = to > inode->dirty_to ? to : inode->dirty_to;
  }
  pthread_mutex_unlock(&inode->lock);
}

// ---- what a sync makes durable

// Copies what changed, front to back, so that a kill amid it leaves what a cut amid a real sync may leave.
static void keep_content(struct inode *inode, int fd) {
  char path[PATH_MAX];
  char own[64];
  content_path(path, inode->number);
  // The descriptor may be write-only.
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
  pthread_mutex_lock(&inode->lock);
  int64_t from = inode->dirty_from;
  int64_t to = inode->dirty_to;
  inode->dirty_from = 0;
  inode->dirty_to = 0;
  struct stat now;
  struct stat kept;
  int in = real_open(own, O_RDONLY | O_CLOEXEC);
  int out = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (in < 0 || out < 0 || fstat(in, &now) != 0 || fstat(out, &kept) != 0) {
    die("cannot keep the content as", path);
  }
  // Appended bytes count even if they came by a way that is not watched.
  if (to == 0 || kept.st_size < from) {
    from = kept.st_size;
  }
  if (now.st_size > kept.st_size || to > now.st_size) {
    to = now.st_size;
  }
  if (now.st_size < kept.st_size && real_ftruncate(out, now.st_size) != 0) {
    die("cannot cut", path);
  }
  // Not on the stack nor per thread: the JVM has threads with little room.
  char *buffer = from < to ? malloc(COPY_BYTES) : NULL;
  if (from < to && !buffer) {
    die("no memory", "");
  }
  while (from < to) {
    size_t wanted = to - from < COPY_BYTES ? (size_t)(to - from) : COPY_BYTES;
    ssize_t read = pread(in, buffer, wanted, from);
    if (read < 0) {
      die("cannot read", own);
    }
    if (read == 0) {
      break;
    }
    if (real_pwrite(out, buffer, (size_t)read, from) != read) {
      die("cannot write", path);
    }
    from += read;
  }
  free(buffer);
  close(in);
  close(out);
  pthread_mutex_unlock(&inode->lock);
}

static int same_text(int directory, const char *name, const char *text) {
  char found[64];
  ssize_t length = readlinkat(directory, name, found, sizeof found - 1);
  if (length < 0) {
    return 0;
  }
  found[length] = 0;
  return strcmp(found, text) == 0;
}

// Entries that came, then entries that went, each in one step.
static void keep_entries(struct inode *inode, int fd) {
  char path[PATH_MAX];
  char own[64];
  char content[PATH_MAX];
  entries_path(path, inode->number);
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
  // An inode number must not change its meaning amid this.
  pthread_mutex_lock(&making);
  pthread_mutex_lock(&inode->lock);
  if (real_mkdir(path, 0755) != 0 && errno != EEXIST) {
    die("cannot make", path);
  }
  DIR *now = opendir(own);
  int kept = real_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!now || kept < 0) {
    die("cannot list", path);
  }
  for (struct dirent *entry = readdir(now); entry; entry = readdir(now)) {
    struct stat found;
    struct stat image_of;
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..") || fstatat(dirfd(now), name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (S_ISDIR(found.st_mode)) {
      char number[32];
      snprintf(number, sizeof number, "%ju", (uintmax_t)found.st_ino);
      if (same_text(kept, name, number)) {
        continue;
      }
      unlinkat(kept, ".coming", 0);
      if (symlinkat(number, kept, ".coming") != 0 || renameat(kept, ".coming", kept, name) != 0) {
        die("cannot keep the directory", name);
      }
    } else if (S_ISREG(found.st_mode)) {
      content_path(content, found.st_ino);
      // A file that was never synced is durable as an empty one once its directory was synced.
      int made = real_open(content, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
      struct stat source;
      if (made < 0 || fstat(made, &source) != 0) {
        die("cannot make", content);
      }
      close(made);
      if (fstatat(kept, name, &image_of, AT_SYMLINK_NOFOLLOW) == 0 && image_of.st_ino == source.st_ino) {
        continue;
      }
      unlinkat(kept, ".coming", 0);
      if (linkat(AT_FDCWD, content, kept, ".coming", 0) != 0 || renameat(kept, ".coming", kept, name) != 0) {
        die("cannot keep the file", name);
      }
    }
  }
  DIR *before = fdopendir(kept);
  if (!before) {
    die("cannot list", path);
  }
  for (struct dirent *entry = readdir(before); entry; entry = readdir(before)) {
    struct stat found;
    const char *name = entry->d_name;
    if (strcmp(name, ".") && strcmp(name, "..") && fstatat(dirfd(now), name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
      unlinkat(dirfd(before), name, 0);
    }
  }
  closedir(before);
  closedir(now);
  pthread_mutex_unlock(&inode->lock);
  pthread_mutex_unlock(&making);
}

// ---- faults

// Whether this call is to fail: those after the first `passes` do.
static int fails(_Atomic int64_t *error, _Atomic int64_t *passes) {
  int64_t wanted = atomic_load(error);
  if (wanted == 0) {
    return 0;
  }
  int64_t left = atomic_load(passes);
  while (left > 0) {
    if (atomic_compare_exchange_weak(passes, &left, left - 1)) {
      return 0;
    }
  }
  atomic_fetch_add(&control->faults, 1);
  errno = (int)wanted;
  return 1;
}

static int write_fails(void) {
  atomic_fetch_add(&control->writes, 1);
  return fails(&control->write_error, &control->write_passes);
}

static int synced(int fd, int (*real)(int)) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (!inode) {
    return real(fd);
  }
  atomic_fetch_add(&control->syncs, 1);
  int64_t millis = atomic_load(&control->sync_millis);
  if (millis > 0) {
    struct timespec left = {millis / 1000, millis % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
  if (fails(&control->sync_error, &control->sync_passes)) {
    return -1;
  }
  if (atomic_load(&control->lies)) {
    return 0;
  }
  int result = real(fd);
  if (result == 0) {
    int before = errno;
    if (inode->directory) {
      keep_entries(inode, fd);
    } else {
      keep_content(inode, fd);
    }
    errno = before;
  }
  return result;
}

EXPORT int fsync(int fd) {
  ready();
  return synced(fd, real_fsync);
}

EXPORT int fdatasync(int fd) {
  ready();
  return synced(fd, real_fdatasync);
}

// Starts writing without promising anything.
EXPORT int sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags) {
  (void)fd;
  (void)offset;
  (void)count;
  (void)flags;
  return 0;
}

EXPORT int syncfs(int fd) {
  ready();
  if (active) {
    violation("syncfs", "");
  }
  return real_syncfs(fd);
}

EXPORT void sync(void) {
  ready();
  if (active) {
    violation("sync", "");
  }
  real_sync();
}

// ---- writing

// A write at the file's own position: where that was is told by where it is now, or, when appending, by the end.
static ssize_t written_here(int fd, struct inode *inode, ssize_t count) {
  if (count > 0) {
    int before = errno;
    off_t end = lseek(fd, 0, SEEK_CUR);
    if (end < count) {
      touched(inode, 0, INT64_MAX);
    } else {
      touched(inode, end - count, end);
    }
    errno = before;
  }
  return count;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t count) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (!inode) {
    return real_write(fd, bytes, count);
  }
  return write_fails() ? -1 : written_here(fd, inode, real_write(fd, bytes, count));
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (!inode) {
    return real_writev(fd, parts, count);
  }
  return write_fails() ? -1 : written_here(fd, inode, real_writev(fd, parts, count));
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (inode && write_fails()) {
    return -1;
  }
  ssize_t written = real_pwrite(fd, bytes, count, offset);
  if (inode && written > 0) {
    touched(inode, offset, offset + written);
  }
  return written;
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return pwrite(fd, bytes, count, offset);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (inode && write_fails()) {
    return -1;
  }
  ssize_t written = real_pwritev(fd, parts, count, offset);
  if (inode && written > 0) {
    touched(inode, offset, offset + written);
  }
  return written;
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(fd, parts, count, offset);
}

EXPORT ssize_t sendfile(int out, int in, off_t *offset, size_t count) {
  ready();
  struct inode *inode = watched_inode(out);
  if (inode && write_fails()) {
    return -1;
  }
  ssize_t written = real_sendfile(out, in, offset, count);
  return inode ? written_here(out, inode, written) : written;
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) { return sendfile(out, in, offset, count); }

EXPORT ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags) {
  ready();
  struct inode *inode = watched_inode(out);
  if (inode && write_fails()) {
    return -1;
  }
  ssize_t written = real_copy_file_range(in, from, out, to, count, flags);
  if (inode && written > 0) {
    touched(inode, 0, INT64_MAX);
  }
  return written;
}

EXPORT int ftruncate(int fd, off_t size) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (inode && write_fails()) {
    return -1;
  }
  int result = real_ftruncate(fd, size);
  // What is cut off and written anew differs from what the image has.
  if (inode && result == 0) {
    touched(inode, size, INT64_MAX);
  }
  return result;
}

EXPORT int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

EXPORT int truncate(const char *path, off_t size) {
  ready();
  if (!active) {
    return real_truncate(path, size);
  }
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  int result = ftruncate(fd, size);
  close(fd);
  return result;
}

EXPORT int truncate64(const char *path, off64_t size) { return truncate(path, size); }

EXPORT int fallocate(int fd, int mode, off_t offset, off_t length) {
  ready();
  struct inode *inode = watched_inode(fd);
  if (inode && write_fails()) {
    return -1;
  }
  int result = real_fallocate(fd, mode, offset, length);
  if (inode && result == 0 && (mode & ~FALLOC_FL_KEEP_SIZE) != 0) {
    touched(inode, 0, INT64_MAX);
  }
  return result;
}

EXPORT int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }

EXPORT int posix_fallocate(int fd, off_t offset, off_t length) {
  ready();
  if (watched_inode(fd) && write_fails()) {
    return errno;
  }
  return real_posix_fallocate(fd, offset, length);
}

EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

EXPORT void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  ready();
  if (fd >= 0 && (protection & PROT_WRITE) && (flags & (MAP_SHARED | MAP_SHARED_VALIDATE)) && watched_inode(fd)) {
    char path[PATH_MAX] = "";
    path_of(fd, path);
    violation("a shared writable mapping", path);
  }
  return real_mmap(at, length, protection, flags, fd, offset);
}

EXPORT void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
  return mmap(at, length, protection, flags, fd, offset);
}

// ---- opening and making

static int writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

// A file system that became read-only refuses to open for writing, a full one to make a file.
static int open_fails(int flags) {
  return (writes(flags) || (flags & O_CREAT)) && atomic_load(&control->write_error) != 0 && write_fails();
}

// Absolute, with `.` and `..` as they stand; the kernel's own path is taken once the file is open.
static int may_be_watched(int directory, const char *path, char *whole) {
  if (!active) {
    return 0;
  }
  if (path[0] == '/') {
    if (snprintf(whole, PATH_MAX, "%s", path) >= PATH_MAX) {
      return 0;
    }
  } else {
    char start[PATH_MAX];
    if (directory == AT_FDCWD ? !getcwd(start, sizeof start) : !path_of(directory, start)) {
      return 0;
    }
    if (snprintf(whole, PATH_MAX, "%s/%s", start, path) >= PATH_MAX) {
      return 0;
    }
  }
  return is_below_watch(whole);
}

static int opened(int directory, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  struct stat found;
  int before = errno;
  if ((flags & O_TMPFILE) == O_TMPFILE || !may_be_watched(directory, path, whole)) {
    errno = before;
    int fd = real_openat(directory, path, flags, mode);
    // It may be below the watched directory all the same, by a symbolic link or by `..`.
    if (fd >= 0 && active && (writes(flags) || (flags & O_DIRECTORY))) {
      before = errno;
      if (path_of(fd, whole) && is_below_watch(whole) && fstat(fd, &found) == 0) {
        if (flags & O_CREAT) {
          violation("a file opened for writing by a path that does not begin with the watched directory:", path);
        }
        enter(&found, 0);
      }
      errno = before;
    }
    return fd;
  }
  if (open_fails(flags)) {
    return -1;
  }
  pthread_mutex_lock(&making);
  int made = (flags & O_CREAT) && fstatat(directory, path, &found, 0) != 0;
  errno = before;
  int fd = real_openat(directory, path, flags, mode);
  before = errno;
  if (fd >= 0 && fstat(fd, &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) {
    struct inode *inode = enter(&found, made);
    if ((flags & O_TRUNC) && !inode->directory) {
      touched(inode, 0, INT64_MAX);
    }
    if (writes(flags) && (flags & (O_DSYNC | O_DIRECT))) {
      violation("a file opened with O_SYNC, O_DSYNC or O_DIRECT", path);
    }
  }
  errno = before;
  pthread_mutex_unlock(&making);
  return fd;
}

#define MODE(flags)                                  \
  mode_t mode = 0;                                   \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {           \
    va_list rest;                                    \
    va_start(rest, flags);                           \
    mode = (mode_t)va_arg(rest, int);                \
    va_end(rest);                                    \
  }

EXPORT int open(const char *path, int flags, ...) {
  ready();
  MODE(flags)
  return opened(AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...) {
  ready();
  MODE(flags)
  return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

EXPORT int openat(int directory, const char *path, int flags, ...) {
  ready();
  MODE(flags)
  return opened(directory, path, flags, mode);
}

EXPORT int openat64(int directory, const char *path, int flags, ...) {
  ready();
  MODE(flags)
  return opened(directory, path, flags | O_LARGEFILE, mode);
}

EXPORT int creat(const char *path, mode_t mode) {
  ready();
  return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

EXPORT int creat64(const char *path, mode_t mode) { return creat(path, mode); }

// Made here, so that the stream's own opening finds it.
EXPORT FILE *fopen(const char *path, const char *how) {
  ready();
  char whole[PATH_MAX];
  if (how[0] != 'r' && may_be_watched(AT_FDCWD, path, whole)) {
    int fd = opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) {
      return NULL;
    }
    struct inode *inode = watched_inode(fd);
    if (inode) {
      // Writes of a stream go past this library.
      touched(inode, 0, INT64_MAX);
    }
    close(fd);
  }
  return real_fopen(path, how);
}

EXPORT FILE *fopen64(const char *path, const char *how) { return fopen(path, how); }

static int made_directory(int directory, const char *path, mode_t mode) {
  char whole[PATH_MAX];
  if (!may_be_watched(directory, path, whole)) {
    return real_mkdirat(directory, path, mode);
  }
  if (atomic_load(&control->write_error) != 0 && write_fails()) {
    return -1;
  }
  pthread_mutex_lock(&making);
  int result = real_mkdirat(directory, path, mode);
  struct stat found;
  if (result == 0 && fstatat(directory, path, &found, 0) == 0) {
    enter(&found, 1);
  }
  pthread_mutex_unlock(&making);
  return result;
}

EXPORT int mkdir(const char *path, mode_t mode) {
  ready();
  return made_directory(AT_FDCWD, path, mode);
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode) {
  ready();
  return made_directory(directory, path, mode);
}
