#include "job/job_record.h"

#include <fmt/format.h>

#include <map>

#include "base/error.h"
#include "base/sha256.h"
#include "job/json_fields.h"

namespace hasten::job {
namespace {

constexpr std::int64_t k_version = 1;
constexpr std::size_t k_listed_differences = 3;
constexpr const char* k_remedy =
    "Give the job what it was started with, or name another output folder.";

Json settings_json(const JobRecord& record) {
  Json::Object settings;
  for (const auto& [name, value] : record.settings) settings.emplace_back(name, json_of(value));
  return json_of(std::move(settings));
}

std::string shown(const std::string& value) {
  return value.empty() ? "not given" : value;
}

// "a; b; c and 7 more"
std::string join(const std::vector<std::string>& differences) {
  std::string joined;
  for (std::size_t i = 0; i < std::min(differences.size(), k_listed_differences); ++i) {
    joined += (i == 0 ? "" : "; ") + differences[i];
  }
  if (differences.size() > k_listed_differences) {
    joined += fmt::format(" and {} more", differences.size() - k_listed_differences);
  }
  return joined;
}

std::vector<std::string> compare_settings(const JobRecord& recorded, const JobRecord& current) {
  std::map<std::string, std::string> mine(current.settings.begin(), current.settings.end());
  std::vector<std::string> differences;
  for (const auto& [name, value] : recorded.settings) {
    const std::string now = mine[name];
    if (now != value) {
      differences.push_back(fmt::format("{} was {} and is {}", name, shown(value), shown(now)));
    }
    mine.erase(name);
  }
  for (const auto& [name, value] : mine) {
    differences.push_back(fmt::format("{} was not given and is {}", name, shown(value)));
  }
  return differences;
}

std::vector<std::string> compare_inputs(const JobRecord& recorded, const JobRecord& current) {
  std::map<std::string, const JobInput*> mine;
  for (const JobInput& input : current.inputs) mine[input.part] = &input;
  std::vector<std::string> differences;
  for (const JobInput& input : recorded.inputs) {
    const auto found = mine.find(input.part);
    if (found == mine.end()) {
      differences.push_back(input.name + " is gone");
      continue;
    }
    if (found->second->name != input.name) {
      differences.push_back(fmt::format("{} was {}", found->second->name, input.name));
    } else if (found->second->bytes != input.bytes) {
      differences.push_back(
          fmt::format("{} had {} bytes and has {}", input.name, input.bytes, found->second->bytes));
    }
    mine.erase(found);
  }
  for (const auto& [part, input] : mine) differences.push_back(input->name + " is new");
  return differences;
}

}  // namespace

std::string to_json(const JobRecord& record) {
  Json::Array inputs;
  for (const JobInput& input : record.inputs) {
    inputs.push_back(json_of(Json::Object{{"name", json_of(input.name)},
                                          {"bytes", json_of(input.bytes)},
                                          {"part", json_of(input.part)}}));
  }
  return to_string(json_of(Json::Object{{"version", Json(Json::Value(k_version))},
                                        {"settings", settings_json(record)},
                                        {"inputs", json_of(std::move(inputs))}})) +
         "\n";
}

JobRecord parse_job_record(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, where);
  if (json.get_integer("version", 0) != k_version) {
    fail(ErrorCode::k_unsupported, "the job was started by another version of Hasten", where, {},
         "Resume it with that version, or name another output folder.");
  }
  JobRecord record;
  for (const auto& [name, value] : json["settings"].as_object("settings")) {
    record.settings.emplace_back(name, value.as_string(name));
  }
  for (const Json& input : json["inputs"].as_array("inputs")) {
    record.inputs.push_back({input["name"].as_string("name"), count_of(input["bytes"], "bytes"),
                             input["part"].as_string("part")});
  }
  return record;
}

std::string settings_hash(const JobRecord& record) {
  const std::string text = to_string(settings_json(record));
  return sha256_hex(std::as_bytes(std::span(text)));
}

void check_same_job(const JobRecord& recorded, const JobRecord& current, const std::string& where) {
  const auto settings = compare_settings(recorded, current);
  if (!settings.empty()) {
    fail(ErrorCode::k_usage, "the job in this folder has other settings", where, join(settings),
         k_remedy);
  }
  const auto inputs = compare_inputs(recorded, current);
  if (!inputs.empty()) {
    fail(ErrorCode::k_bad_data, "the job in this folder has other inputs", where, join(inputs),
         k_remedy);
  }
}

}  // namespace hasten::job
