#include <gmock/gmock.h>
#include <hasten/error.h>

#include <algorithm>
#include <map>

#include "data/file_store.h"
#include "data/input_files.h"
#include "data/memory_source.h"
#include "data/remote_files.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A store in memory, whose files are seen when they are committed.
class MemoryFiles : public RemoteFiles {
 public:
  mutable std::map<std::string, std::string> files;

  std::optional<RemoteEntry> find(const std::string& path) const override {
    if (files.contains(path)) return RemoteEntry{path, false, files.at(path).size(), 1};
    if (list(path).empty()) return std::nullopt;
    return RemoteEntry{path, true, 0, 0};
  }
  std::vector<RemoteEntry> list(const std::string& folder) const override {
    std::vector<RemoteEntry> found;
    for (const auto& [path, bytes] : files) {
      if (path.starts_with(folder + "/")) found.push_back({path, false, bytes.size(), 1});
    }
    return found;
  }
  std::unique_ptr<ByteSource> open(const std::string& path) const override {
    return std::make_unique<MemorySource>(files.at(path));
  }
  std::unique_ptr<OutputFile> create(const std::string& path) const override {
    return std::make_unique<Upload>(*this, path);
  }
  void remove(const std::string& path) const override { files.erase(path); }

 private:
  class Upload : public OutputFile {
   public:
    Upload(const MemoryFiles& store, std::string path) : store_(store), path_(std::move(path)) {}
    void write(std::span<const std::byte> bytes) override {
      bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    void commit() override { store_.files[path_] = bytes_; }
    bool commit_new() override { return store_.files.try_emplace(path_, bytes_).second; }

   private:
    const MemoryFiles& store_;
    std::string path_;
    std::string bytes_;
  };
};

void write(FileStore& store, const std::string& name, const std::string& text) {
  const auto file = store.create(name);
  file->write(std::as_bytes(std::span(text)));
  file->commit();
}

TEST(RemoteStore, NamesFilesBelowItsFolder) {
  MemoryFiles files;
  const auto store = make_remote_store(files, "s3://bucket/scores/");
  write(*store, "part", "abc");
  write(*store, "_hasten/parts/part.json", "{}");
  files.files["s3://bucket/scores-of-another/part"] = "x";
  EXPECT_THAT(store->list(""), ElementsAre("_hasten/parts/part.json", "part"));
  EXPECT_THAT(store->list("_hasten/parts"), ElementsAre("_hasten/parts/part.json"));
  EXPECT_THAT(store->list("absent"), IsEmpty());
  EXPECT_EQ(store->read("part"), "abc");
  EXPECT_EQ(store->size("part"), 3u);
  EXPECT_EQ(store->path_of("part"), "s3://bucket/scores/part");
  EXPECT_EQ(store->path_of(""), "s3://bucket/scores");
  EXPECT_EQ(digest_of(*store->open("part")).bytes, 3u);
}

TEST(RemoteStore, WhatIsNotThereIsNothing) {
  MemoryFiles files;
  const auto store = make_remote_store(files, "s3://bucket/scores");
  write(*store, "folder/file", "abc");
  EXPECT_EQ(store->read("absent"), std::nullopt);
  EXPECT_EQ(store->size("absent"), std::nullopt);
  EXPECT_EQ(store->size("folder"), std::nullopt);
  store->remove("folder/file");
  EXPECT_EQ(store->read("folder/file"), std::nullopt);
}

TEST(RemoteStore, CommitsANewFileOnce) {
  MemoryFiles files;
  const auto store = make_remote_store(files, "s3://bucket/scores");
  const auto first = store->create("part"), second = store->create("part");
  first->write(std::as_bytes(std::span("abc", 3)));
  EXPECT_TRUE(first->commit_new());
  EXPECT_FALSE(second->commit_new());
  EXPECT_EQ(store->read("part"), "abc");
}

TEST(RemoteFiles, AreKnownByTheirScheme) {
  for (const char* path : {"s3://b", "s3://b/x", "gs://b/x", "abfs://c@a/x", "what://ever"}) {
    EXPECT_TRUE(is_remote(path)) << path;
  }
  for (const char* path :
       {"", "-", "/a/b", "a/b", "a://b", "a b://c", "://x", "s3:/b", "./s3://x"}) {
    EXPECT_FALSE(is_remote(path)) << path;
  }
}

std::vector<std::string> expanded(const MemoryFiles& files, const std::string& path) {
  std::vector<std::string> found;
  for (const NamedEntry& entry : expand_remote(files, path)) {
    found.push_back(entry.name + (entry.was_named ? "!" : ""));
  }
  return found;
}

TEST(RemoteFiles, FilesFoldersAndPatternsAreExpanded) {
  MemoryFiles files;
  for (const char* name : {"2020/a.csv", "2020/b.parquet", "2020/deep/c.csv", "2021/a.csv", "x.csv",
                           "_old/y.csv", "[1].csv"}) {
    files.files[std::string("s3://b/in/") + name] = "text";
  }
  EXPECT_THAT(expanded(files, "s3://b/in/x.csv"), ElementsAre("x.csv!"));
  EXPECT_THAT(expanded(files, "s3://b/in/[1].csv"), ElementsAre("[1].csv!"));
  EXPECT_THAT(expanded(files, "s3://b/in/2020/"), ElementsAre("a.csv", "b.parquet", "deep/c.csv"));
  EXPECT_THAT(expanded(files, "s3://b/in/*.csv"), ElementsAre("[1].csv", "x.csv"));
  EXPECT_THAT(expanded(files, "s3://b/in/*/a.csv"), ElementsAre("a.csv", "a.csv"));
  EXPECT_THAT(expanded(files, "s3://b/in/202?"),
              ElementsAre("a.csv", "b.parquet", "deep/c.csv", "a.csv"));
  for (const char* path : {"s3://b/in/absent", "s3://b/in/*.txt", "s3://b/i"}) {
    EXPECT_THROW(expanded(files, path), Error) << path;
  }
}

TEST(RemoteFiles, StampsOfLocalFilesTellSizeAndChange) {
  EXPECT_THROW(stamp_of("/absent/file"), Error);
  EXPECT_GT(stamp_of("/proc/self/exe").bytes, 0u);
  EXPECT_EQ(stamp_of("/proc/self/exe"), stamp_of("/proc/self/exe"));
}

}  // namespace
}  // namespace hasten::data
