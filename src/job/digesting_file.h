// DigestingFile: an output whose hash is known once it is committed.
#pragma once

#include <memory>

#include "base/sha256.h"
#include "data/file_store.h"
#include "data/output_file.h"

namespace hasten::job {

// commit() leaves a file that has the name already, and tells it.
class DigestingFile : public data::OutputFile {
 public:
  explicit DigestingFile(std::unique_ptr<data::OutputFile> file) : file_(std::move(file)) {}

  void write(std::span<const std::byte> bytes) override {
    hash_.update(bytes);
    digest_.bytes += bytes.size();
    file_->write(bytes);
  }
  void commit() override { was_new_ = commit_new(); }
  bool commit_new() override {
    digest_.sha256 = hex_of(hash_.finish());
    return file_->commit_new();
  }

  // After commit().
  bool was_new() const { return was_new_; }
  const data::FileDigest& digest() const { return digest_; }

 private:
  std::unique_ptr<data::OutputFile> file_;
  Sha256 hash_;
  data::FileDigest digest_;
  bool was_new_ = false;
};

// The same for an owner that wants to look at it afterwards.
class SharedFile : public data::OutputFile {
 public:
  explicit SharedFile(std::shared_ptr<data::OutputFile> file) : file_(std::move(file)) {}
  void write(std::span<const std::byte> bytes) override { file_->write(bytes); }
  void commit() override { file_->commit(); }
  bool commit_new() override { return file_->commit_new(); }

 private:
  std::shared_ptr<data::OutputFile> file_;
};

}  // namespace hasten::job
