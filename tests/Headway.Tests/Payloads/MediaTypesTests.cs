using System.Text;
using Headway.Payloads.Files;

namespace Headway.Tests.Payloads;

public sealed class MediaTypesTests
{
    public static TheoryData<string, string> Starts => new()
    {
        { "image/png", "89504E470D0A1A0A0000000D49484452" },
        { "image/jpeg", "FFD8FFE000104A464946000101000048" },
        { "image/gif", Hex("GIF89a") + "0100010000000000000000" },
        { "image/webp", Hex("RIFF") + "24000000" + Hex("WEBPVP8 ") },
        { "audio/wav", Hex("RIFF") + "24000000" + Hex("WAVEfmt ") },
        { "audio/ogg", Hex("OggS") + "000200000000000000000000" },
        { "audio/flac", Hex("fLaC") + "000000221000100000000000" },
        { "audio/mp4", "0000001C" + Hex("ftypM4A ") + "00000200" },
        { "audio/mpeg", Hex("ID3") + "04000000000000000000000000" },
        { "audio/mpeg", "FFFB9064000000000000000000000000" },
        { "application/pdf", Hex("%PDF-1.7\n%") + "E2E3CFD30A" },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_file_is_what_its_first_bytes_say(string mediaType, string start)
    {
        MediaTypes.Judge(mediaType, Convert.FromHexString(start)).ShouldBe((mediaType, null));
        MediaTypes.Judge(null, Convert.FromHexString(start)).ShouldBe((mediaType, null));
        MediaTypes.Judge("application/octet-stream", Convert.FromHexString(start)).ShouldBe((mediaType, null));
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_file_that_is_declared_as_something_else_is_refused(string mediaType, string start)
    {
        foreach (var declared in Starts.Select(row => row.Data.Item1).Where(other => other != mediaType))
        {
            var refusal = MediaTypes.Judge(declared, Convert.FromHexString(start)).Refusal.ShouldNotBeNull();
            refusal.Code.ShouldBe("media-type-mismatch");
            refusal.Message.ShouldContain(declared);
            refusal.Message.ShouldContain(mediaType);
        }
    }

    [Theory]
    [InlineData("image/jpg", "FFD8FFE000104A464946000101000048", "image/jpeg")]
    [InlineData("Audio/X-WAV", "524946462400000057415645666D7420", "audio/wav")]
    [InlineData("application/pdf; version=1.7", "255044462D312E370A", "application/pdf")]
    public void Common_other_names_of_a_type_are_understood(string declared, string start, string canonical) =>
        MediaTypes.Judge(declared, Convert.FromHexString(start)).ShouldBe((canonical, null));

    [Theory]
    [InlineData("image/svg+xml", "<svg xmlns=")]
    [InlineData("text/html", "<!doctype html>")]
    [InlineData("application/zip", "PK\u0003\u0004")]
    public void Types_that_are_not_listed_are_refused_with_the_list(string declared, string start)
    {
        var refusal = MediaTypes.Judge(declared, Encoding.UTF8.GetBytes(start)).Refusal.ShouldNotBeNull();

        refusal.Code.ShouldBe("media-type-unsupported");
        refusal.Message.ShouldContain(declared);
        refusal.Message.ShouldContain("application/pdf");
        MediaTypes.Judge(null, Encoding.UTF8.GetBytes(start)).Refusal!.Code.ShouldBe("media-type-unsupported");
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_start_that_is_cut_never_passes_for_another_type(string mediaType, string start)
    {
        var whole = Convert.FromHexString(start);
        for (var length = 0; length < whole.Length; length++)
        {
            var (found, _) = MediaTypes.Judge(null, whole.AsSpan(0, length));
            if (found is not null) found.ShouldBe(mediaType);
        }
    }

    private static string Hex(string ascii) => Convert.ToHexString(Encoding.ASCII.GetBytes(ascii));
}
