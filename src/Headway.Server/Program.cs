using System.Runtime.InteropServices;
using Headway.Server;
using Headway.Server.Commands;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
return await HeadwayCommand.RunAsync(args, Terminal.OfProcess(), stop.Token);

// The first signal asks, the second one is the system's.
void Leave(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
