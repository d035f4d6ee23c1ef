#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/page.h"

namespace hasten::report {
namespace {

// The drawing's size and the room for the axes, in units of the SVG.
constexpr double k_width = 400, k_height = 300;
constexpr double k_left = 62, k_right = 10, k_top = 10, k_bottom = 42;

double step_of(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count - 1);
  const double magnitude = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * magnitude >= rough * 0.999) return factor * magnitude;
  }
  return 10 * magnitude;
}

std::string axis_text(const Axis& axis, double value, double step) {
  return axis.percent ? tick_text(value * 100, step * 100) + " %" : tick_text(value, step);
}

// Half units are finer than anybody sees.
double snapped(double place) {
  return std::round(place * 2) / 2;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  const double step = step_of(low, high, count);
  std::vector<double> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
    ticks.push_back(i * step);
  if (ticks.size() < 2) return {low, high};
  return ticks;
}

std::string tick_text(double value, double step) {
  if (std::abs(value) < step * 1e-9) value = 0;
  if (step >= 1000 || (step >= 1 && std::abs(value) >= 1000)) {
    return (value < 0 ? "-" : "") +
           count_text(static_cast<std::uint64_t>(std::llround(std::abs(value))));
  }
  if (step < 1e-4) return value == 0 ? "0" : fmt::format("{:.2g}", value);
  int digits = 0;
  for (double rest = step; digits < 6 && std::abs(rest - std::round(rest)) > 1e-6 * rest;
       rest *= 10)
    ++digits;
  return fmt::format("{:.{}f}", value, digits);
}

Plot::Plot(std::string_view name, Axis x, Axis y) : x_(std::move(x)), y_(std::move(y)) {
  svg_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", k_width,
                     k_height, escape(name));
  draw_axes();
}

double Plot::place_x(double value) const {
  const double share = (std::clamp(value, x_.low, x_.high) - x_.low) / (x_.high - x_.low);
  return snapped(k_left + share * (k_width - k_left - k_right));
}

double Plot::place_y(double value) const {
  const double share = (std::clamp(value, y_.low, y_.high) - y_.low) / (y_.high - y_.low);
  return snapped(k_height - k_bottom - share * (k_height - k_top - k_bottom));
}

void Plot::draw_axes() {
  const double step_x = step_of(x_.low, x_.high, x_.ticks),
               step_y = step_of(y_.low, y_.high, y_.ticks);
  const double bottom = k_height - k_bottom;
  for (const double tick : round_ticks(y_.low, y_.high, y_.ticks)) {
    const double y = place_y(tick);
    svg_ += fmt::format(
        "<path class=\"rule\" d=\"M{} {}H{}\"/><text x=\"{}\" y=\"{}\" "
        "text-anchor=\"end\">{}</text>",
        k_left, y, k_width - k_right, k_left - 6, y + 4, axis_text(y_, tick, step_y));
  }
  for (const double tick : round_ticks(x_.low, x_.high, x_.ticks)) {
    const double x = place_x(tick);
    svg_ += fmt::format(
        "<path class=\"axis\" d=\"M{0} {1}v4\"/><text x=\"{0}\" y=\"{2}\" "
        "text-anchor=\"middle\">{3}</text>",
        x, bottom, bottom + 17, axis_text(x_, tick, step_x));
  }
  svg_ += fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", k_left, bottom, k_width - k_right);
  svg_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                      (k_left + k_width - k_right) / 2, k_height - 6, escape(x_.label));
  svg_ += fmt::format(
      "<text transform=\"translate(9 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
      (k_top + bottom) / 2, escape(y_.label));
}

void Plot::add_points(const std::vector<Point>& points, bool marked) {
  std::set<Point> places;
  for (const auto& [x, y] : points) places.emplace(place_x(x), place_y(y));
  if (places.empty()) return;
  svg_ += fmt::format("<path class=\"points{}\" d=\"", marked ? " mark" : "");
  for (const auto& [x, y] : places) svg_ += fmt::format("M{} {}h0", x, y);
  svg_ += "\"/>";
}

void Plot::add_line(const std::vector<Point>& points, std::string_view style) {
  svg_ += fmt::format("<path class=\"{}\" d=\"", style);
  for (std::size_t i = 0; i < points.size(); ++i) {
    svg_ += fmt::format("{}{} {}", i == 0 ? 'M' : 'L', place_x(points[i].first),
                        place_y(points[i].second));
  }
  svg_ += "\"/>";
}

void Plot::add_area(const std::vector<Point>& points) {
  if (points.empty()) return;
  svg_ += fmt::format("<path class=\"area\" d=\"M{} {}", place_x(points.front().first),
                      k_height - k_bottom);
  for (const auto& [x, y] : points) svg_ += fmt::format("L{} {}", place_x(x), place_y(y));
  svg_ += fmt::format("V{}Z\"/>", k_height - k_bottom);
  add_line(points, "curve");
}

void Plot::add_column(double from, double to, double height, std::string_view hint, bool marked) {
  const double left = place_x(from), top = place_y(height);
  svg_ += fmt::format(
      "<rect class=\"bar{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
      marked ? " mark" : "", left, top, std::max(0.5, place_x(to) - left - 0.5),
      k_height - k_bottom - top, escape(hint));
}

void Plot::add_text(Point at, std::string_view text) {
  const double x = place_x(at.first);
  const bool left = x > k_width * 0.65;
  svg_ += fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                      x + (left ? -7 : 7), place_y(at.second) - 7, left ? "end" : "start",
                      escape(text));
}

std::string Plot::str() const {
  return svg_ + "</svg>";
}

std::string bars(std::string_view name, const std::vector<Bar>& values) {
  constexpr double k_bar = 24, k_row = 58;
  double largest = 0;
  for (const Bar& bar : values) largest = std::max(largest, bar.value);
  const double height = static_cast<double>(values.size()) * k_row;
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                                k_width, height, escape(name));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double y = static_cast<double>(i) * k_row;
    const double width = largest > 0 ? std::max(1.0, values[i].value / largest * k_width) : 1;
    svg += fmt::format(
        "<text class=\"name\" x=\"0\" y=\"{}\">{}</text><text class=\"value\" x=\"{}\" y=\"{}\" "
        "text-anchor=\"end\">{}</text>",
        y + 14, escape(values[i].name), k_width, y + 14, escape(values[i].text));
    svg += fmt::format(
        "<rect class=\"bar{}\" x=\"0\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" rx=\"3\"/>",
        values[i].is_a ? " a" : "", y + 21, width, k_bar);
  }
  return svg + "</svg>";
}

std::string dumbbell(double a, double b) {
  const auto place = [](double value) { return 6 + std::clamp(value, 0.0, 1.0) * 108; };
  return fmt::format(
      "<svg class=\"spark\" viewBox=\"0 0 120 16\" role=\"img\" aria-label=\"A {0:.4f}, B "
      "{1:.4f}\"><path class=\"rule\" d=\"M6 8H114\"/>"
      "<path class=\"curve\" d=\"M{2:.1f} 8H{3:.1f}\"/><circle class=\"bar a\" cx=\"{2:.1f}\" "
      "cy=\"8\" r=\"4.5\"/><circle class=\"bar\" cx=\"{3:.1f}\" cy=\"8\" r=\"4.5\"/></svg>",
      a, b, place(a), place(b));
}

}  // namespace hasten::report
