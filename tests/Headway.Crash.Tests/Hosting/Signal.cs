using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Headway.Crash.Tests.Hosting;

/// <summary>POSIX signals for a process that this test started.</summary>
internal static partial class Signal
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    public static void Send(this Process process, int signal) => Send(process.Id, signal).ShouldBe(0);
}
