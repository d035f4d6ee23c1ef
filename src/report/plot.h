// Plots as inline SVG, drawn in the colours of the page around them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hasten::report {

// Round numbers from about `low` to about `high`, at most `count` and at least two.
std::vector<double> round_ticks(double low, double high, int count);
// The number with as many digits as a step of that size needs: "0.25", "-1", "1,000".
std::string tick_text(double value, double step);

struct Axis {
  std::string label;
  double low = 0, high = 1;  // low < high
  bool percent = false;      // ticks are shares
  int ticks = 5;
};

using Point = std::pair<double, double>;

// A frame with two axes; what is drawn later lies above. Values outside the axes are moved to their
// edges.
class Plot {
 public:
  Plot(std::string_view name, Axis x, Axis y);

  // Points that fall on the same place are drawn once. `marked`: in the colour that catches the
  // eye.
  void add_points(const std::vector<Point>& points, bool marked = false);
  void add_line(const std::vector<Point>& points, std::string_view style);  // "curve", "guide"
  void add_area(
      const std::vector<Point>& points);  // between the curve and the lower edge, and the curve
  // A column from the lower edge; `hint` is shown on hovering.
  void add_column(double from, double to, double height, std::string_view hint,
                  bool marked = false);
  // Text beside a point.
  void add_text(Point at, std::string_view text);

  std::string str() const;

 private:
  double place_x(double value) const;
  double place_y(double value) const;
  void draw_axes();

  Axis x_, y_;
  std::string svg_;
};

// Horizontal bars, each with its name and its value written out.
struct Bar {
  std::string name;
  double value = 0;
  std::string text;   // the value, for people
  bool is_a = false;  // in the colour of side A
};
std::string bars(std::string_view name, const std::vector<Bar>& values);

// A line from 0 to 1 with the two scores of a text on it.
std::string dumbbell(double a, double b);

}  // namespace hasten::report
