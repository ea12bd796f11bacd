using System.Security.Cryptography;
using System.Text;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;

namespace Headway.Tests.Caching;

/// <summary>Which results are kept by the write that ends their job, and for how long.</summary>
public sealed class KeptAnswerTests
{
    private const long Now = 1_000_000;
    private static readonly Result Prose = new(Encoding.UTF8.GetBytes("two tablets"), Result.Prose);

    [Fact]
    public void An_answer_is_kept_sealed_as_the_result_of_its_job()
    {
        var ending = Endings.Succeeded(Work(), Prose, default, Now, "n");

        ending.Keep.ShouldNotBeNull().Body.ShouldBe(ending.Result);
        (ending.Keep!.Tenant, ending.Keep.Created, ending.Keep.Expires).ShouldBe(("default", Now, Now + 600_000));
    }

    [Fact]
    public void One_that_is_not_whole_or_asks_for_something_to_be_done_is_not() =>
        Endings.Succeeded(Work(), Prose with { IsGivenOnce = true }, default, Now, "n").Keep.ShouldBeNull();

    [Fact]
    public void None_is_where_no_key_is_left() => Endings.Succeeded(Work() with { KeepUnder = null }, Prose, default, Now, "n").Keep.ShouldBeNull();

    [Theory]
    [InlineData(60, 60)]
    [InlineData(3_600, 600)]
    public void None_is_kept_longer_than_retention_keeps_its_job(int retention, int kept)
    {
        var work = Work();
        work = work with { Version = work.Version with { Retention = new RetentionOptions { Payload = TimeSpan.FromSeconds(retention) } } };

        Endings.Succeeded(work, Prose, default, Now, "n").Keep!.Expires.ShouldBe(Now + (kept * 1_000));
    }

    private static Work Work() => new()
    {
        Origin = new JobOrigin(JobId.New(DateTimeOffset.UnixEpoch), "default", "local", null, 1, DataClass.Internal, null),
        Version = new FeatureVersion
        {
            Feature = "ask",
            Number = 1,
            Contract = new Contract { Mode = Mode.Async },
            Handler = new CodeDefinition(),
            Timeout = TimeSpan.FromSeconds(20),
            Cache = new CacheOptions { For = TimeSpan.FromMinutes(10) },
        },
        Mode = Mode.Async,
        Input = new JobInput { MediaType = Result.Json, Json = "{}"u8.ToArray() },
        Key = new DataKey(1, "default", new GcmKey(RandomNumberGenerator.GetBytes(GcmKey.Length))),
        KeepUnder = new byte[16],
        Created = Now,
    };
}
