using FsCheck;
using FsCheck.Fluent;
using Headway.Payloads;

namespace Headway.Tests.Payloads;

public sealed class SealingTests : IAsyncLifetime
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly VaultDirectory _directory = new();
    private Vault _vault = null!;
    private DataKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await _directory.OpenVaultAsync();
        _key = await _vault.KeyAsync("default", "encounter/8812", CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public void What_is_sealed_is_opened_again_whatever_it_is()
    {
        var payloads = from plain in ArbMap.Default.GeneratorFor<byte[]>()
                       from kind in Gen.Elements(Enum.GetValues<PayloadKind>())
                       from position in ArbMap.Default.GeneratorFor<long>()
                       select (plain, kind, position);

        Prop.ForAll(payloads.ToArbitrary(), payload =>
        {
            var (plain, kind, position) = payload;
            var envelope = _key.Seal(kind, Job, plain, position);
            return envelope.Length == plain.Length + Envelope.Overhead && _vault.Open("default", kind, Job, envelope, position).AsSpan().SequenceEqual(plain);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var envelope = _key.Seal(PayloadKind.Result, Job, "the discharge letter"u8);

        for (var bit = 0; bit < envelope.Length * 8; bit++)
        {
            var altered = envelope.ToArray();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<UnreadablePayloadException>(() => _vault.Open("default", PayloadKind.Result, Job, altered));
        }
    }

    [Fact]
    public void Every_cut_and_every_added_byte_is_noticed()
    {
        var envelope = _key.Seal(PayloadKind.Result, Job, "the discharge letter"u8);

        for (var length = 0; length < envelope.Length; length++)
        {
            var cut = envelope[..length];
            Should.Throw<UnreadablePayloadException>(() => _vault.Open("default", PayloadKind.Result, Job, cut));
        }
        Should.Throw<UnreadablePayloadException>(() => _vault.Open("default", PayloadKind.Result, Job, [.. envelope, 0]));
        _vault.Open("default", PayloadKind.Result, Job, envelope).ShouldBe("the discharge letter"u8.ToArray());
    }

    [Fact]
    public async Task A_payload_opens_only_as_what_it_was_sealed_for()
    {
        var envelope = _key.Seal(PayloadKind.Stream, Job, "delta"u8, position: 3);
        await _vault.ReadyAsync("other");

        Reason(() => _vault.Open("default", PayloadKind.Result, Job, envelope, 3)).ShouldBe(UnreadableReason.Altered);
        Reason(() => _vault.Open("default", PayloadKind.Stream, JobId.New(DateTimeOffset.UnixEpoch), envelope, 3)).ShouldBe(UnreadableReason.Altered);
        Reason(() => _vault.Open("default", PayloadKind.Stream, Job, envelope, 4)).ShouldBe(UnreadableReason.Altered);
        Reason(() => _vault.Open("other", PayloadKind.Stream, Job, envelope, 3)).ShouldBe(UnreadableReason.UnknownKey);
        _vault.Open("default", PayloadKind.Stream, Job, envelope, 3).ShouldBe("delta"u8.ToArray());
    }

    [Fact]
    public async Task The_key_of_one_subject_does_not_open_the_payloads_of_another()
    {
        var other = await _vault.KeyAsync("default", "encounter/8813", CancellationToken.None);
        var envelope = _key.Seal(PayloadKind.Input, Job, "about 8812"u8);
        Envelope.WriteHeader(envelope, other.Id);

        Reason(() => _vault.Open("default", PayloadKind.Input, Job, envelope)).ShouldBe(UnreadableReason.Altered);
    }

    [Fact]
    public void The_same_payload_never_looks_the_same()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 10_000; i++)
        {
            var nonce = _key.Seal(PayloadKind.Input, Job, "x"u8).AsSpan(Envelope.NonceOffset, Envelope.NonceLength);
            seen.Add(Convert.ToHexString(nonce)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Many_threads_seal_under_one_key_without_mixing()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), (i, _) =>
        {
            var plain = BitConverter.GetBytes(i);
            _vault.Open("default", PayloadKind.Input, Job, _key.Seal(PayloadKind.Input, Job, plain, i), i).ShouldBe(plain);
            return ValueTask.CompletedTask;
        });
    }

    private static UnreadableReason Reason(Action open) => Should.Throw<UnreadablePayloadException>(open).Reason;
}
