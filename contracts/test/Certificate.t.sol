// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice I22 and A26: who may fill up to `decayStart`, and what they must pay.
contract CertificateTest is SettlementTest {
    function test_settle_takesTheWinnerUntilTheDecayBegins() public {
        Order memory order = anAuctionedOrder();
        settle(shown(order, certificate(order, solver, 95e16, uint40(block.number), AUCTIONEER_KEY)));
    }

    function test_settle_holdsTheWinnerToTheBid() public {
        Order memory order = anAuctionedOrder();
        bytes memory cert = certificate(order, solver, 1e18, uint40(block.number), AUCTIONEER_KEY);
        settleFailsAs(shown(order, cert), ISettlement.PaidTooLittle.selector);
    }

    function test_settle_holdsTheWinnerToTheLimit_whenTheBidIsBelowIt() public {
        Order memory order = anAuctionedOrder();
        (order.limitStart, order.limitEnd) = (1e18, 9e17);
        bytes memory cert = certificate(order, solver, 1, uint40(block.number), AUCTIONEER_KEY);
        settleFailsAs(shown(order, cert), ISettlement.PaidTooLittle.selector);
    }

    function test_settle_refusesNoCertificate() public {
        Order memory order = anAuctionedOrder();
        settleFails(
            shown(order, hex"00"),
            abi.encodeWithSelector(ISettlement.CertificateMissing.selector, digestOf(order), order.decayStart)
        );
    }

    function test_settle_needsACertificateInTheLastSecondOfThePhase() public {
        Order memory order = anAuctionedOrder();
        vm.warp(order.decayStart);
        settleFailsAs(shown(order, hex"00"), ISettlement.CertificateMissing.selector);
    }

    function test_settle_refusesADeadCertificate() public {
        Order memory order = anAuctionedOrder();
        uint40 lastBlock = uint40(block.number);
        bytes memory data = shown(order, certificate(order, solver, 95e16, lastBlock, AUCTIONEER_KEY));
        vm.roll(block.number + 1);
        settleFails(data, abi.encodeWithSelector(ISettlement.CertificateExpired.selector, digestOf(order), lastBlock));
    }

    function test_settle_refusesTheCertificateOfAnotherSolverOrderOrKey() public {
        Order memory order = anAuctionedOrder();
        Order memory other = anAuctionedOrder();
        other.nonce = 99;
        uint40 last = uint40(block.number);
        bytes4 bad = ISettlement.BadSignature.selector;
        settleFailsAs(shown(order, certificate(order, receiver, 95e16, last, AUCTIONEER_KEY)), bad);
        settleFailsAs(shown(order, certificate(other, solver, 95e16, last, AUCTIONEER_KEY)), bad);
        settleFailsAs(shown(order, certificate(order, solver, 95e16, last, OWNER_KEY)), bad);
    }

    /// @dev A13 for certificates: `minOut`, `lastBlock` and the signature.
    function testFuzz_settle_refusesACertificateWithAnyBitFlipped(uint256 bit) public {
        Order memory order = anAuctionedOrder();
        bytes memory cert = certificate(order, solver, 95e16, uint40(block.number + 5), AUCTIONEER_KEY);
        bit = bound(bit, 8, 8 * cert.length - 1);
        cert[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (bool isDone, ) = trySettle(shown(order, cert));
        assertFalse(isDone);
    }

    function test_settle_isOpenToAnyoneOnceTheDecayBegins() public {
        Order memory order = anAuctionedOrder();
        bytes memory data = shown(order, hex"00");
        vm.warp(order.decayStart + 1);
        settle(data);
    }

    function test_settle_passesOverACertificateThatIsNotNeeded() public {
        Order memory order = anAuctionedOrder();
        bytes memory data = shown(order, certificate(order, solver, 2e18, 0, OWNER_KEY));
        vm.warp(order.decayStart + 1);
        settle(data);
    }

    function test_settle_needsNoCertificate_whenNoAuctioneerIsNamed() public {
        Order memory order = anAuctionedOrder();
        (order.flags, order.auctioneer) = (1, address(0));
        settle(shown(order, hex"00"));
    }

    function test_settle_refusesEveryCertificate_whenTheAuctioneerIsZero() public {
        Order memory order = anAuctionedOrder();
        order.auctioneer = address(0);
        bytes memory cert = abi.encodePacked(uint8(1), uint128(0), type(uint40).max, new bytes(64));
        settleFailsAs(shown(order, cert), ISettlement.BadSignature.selector);
    }

    function test_cancel_needsNoCertificate() public {
        Order memory order = anAuctionedOrder();
        vm.prank(owner);
        settlement.cancel(0, 1 << 7);
        bytes memory cert = certificate(order, solver, 95e16, uint40(block.number), AUCTIONEER_KEY);
        settleFailsAs(shown(order, cert), ISettlement.NonceUsed.selector);
    }

    function anAuctionedOrder() private view returns (Order memory order) {
        order = anOrder(1e18, 9e17);
        (order.flags, order.auctioneer) = (3, auctioneer);
        order.decayStart = uint40(block.timestamp + 30);
        order.decayEnd = uint40(block.timestamp + 60);
    }

    function shown(Order memory order, bytes memory cert) private view returns (bytes memory) {
        return callOf(order, byKey(order), cert, "", list(v3(order.amount)));
    }
}
