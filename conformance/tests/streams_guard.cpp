// A device guard with several streams for torch-sim: what torch's guard for devices in Python lacks. The streams have an
// identity and are entered and left, so that torch's engine decides on which one a backward operation runs; nothing runs on
// them. Compiled and loaded by sim_streams.py.
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <atomic>

namespace {

using c10::Device;
using c10::Stream;

thread_local c10::StreamId current = 0;
std::atomic<c10::StreamId> last{0};
std::atomic<bool> stuck{false};

struct Guard final : c10::impl::DeviceGuardImplInterface {
  static constexpr c10::DeviceType static_type = c10::DeviceType::PrivateUse1;

  static Stream stream(c10::StreamId id) { return Stream(Stream::UNSAFE, Device(static_type, 0), id); }

  c10::DeviceType type() const override { return static_type; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  Device getDevice() const override { return Device(static_type, 0); }
  Device exchangeDevice(Device) const override { return getDevice(); }
  void setDevice(Device) const override {}
  void uncheckedSetDevice(Device) const noexcept override {}

  Stream getDefaultStream(Device) const override { return stream(0); }
  Stream getNewStream(Device, int) const override { return stream(++last); }
  Stream getStream(Device) const noexcept override { return stream(current); }
  Stream exchangeStream(Stream entered) const noexcept override {
    Stream left = stream(current);
    if (!stuck) current = entered.id();
    return left;
  }

  // Kernels are done when they return: there is nothing to wait for.
  void record(void**, const Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
  void block(void*, const Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  bool queryStream(const Stream&) const override { return true; }
  void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
  void synchronizeEvent(void*) const override {}
  void synchronizeStream(const Stream&) const override {}
  void synchronizeDevice(const c10::DeviceIndex) const override {}
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

}  // namespace

// From now on streams cannot be entered.
extern "C" void get_stuck() { stuck = true; }
