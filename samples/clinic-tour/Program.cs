using ClinicTour;
using Headway.Client;

// clinic-tour ADDRESS INPUTS: plays the clinic's features on a running server and ends with 0 only if each kept its contract.
if (args is not [var address, var inputs])
{
    Console.Error.WriteLine("usage: clinic-tour http://127.0.0.1:8080 samples/clinic/inputs");
    return 2;
}

using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(3) };
var guide = new Guide(new HeadwayClient(http), inputs, Console.Out);
await guide.WarmUpAsync();
await new SyncStop(guide).ShowAsync();
await new AsyncStop(guide).ShowAsync();
await new StreamStop(guide).ShowAsync();
await new HybridStop(guide).ShowAsync();
return guide.Sum();
