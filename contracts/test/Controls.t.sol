// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Order} from "../interfaces/ISettlement.sol";
import {BlockToken, FeeToken, HookToken, LyingToken, OldToken} from "./helpers/OddTokens.t.sol";
import {Fill, Omit, WeakSettlement} from "./helpers/WeakSettlement.t.sol";
import {WeakTest} from "./helpers/WeakTest.t.sol";

/// @notice Each attack of docs/threat-model.md pays on a settlement that lacks the one defence against it, and fails on the
/// same settlement with it. The tests of the real one are named at each.
contract ControlsTest is WeakTest {
    /// @dev A06: Nonces `refusesTheSameOrderTwice`.
    function test_A06_control_withoutNonces_anOrderFillsTwice() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Nonce);
            Fill memory asked = aFill(weak, anOrder(1e18, 9e17));
            passes(weak, asked);
            check(weak, asked, i == 1);
            assertEq(ownerSold(), (i + 1) * 1e18);
            sell.mint(owner, ownerSold());
        }
    }

    /// @dev A06 for one order signed both ways: Nonces `test_A06_anOrderSignedBothWays_fillsOnce`.
    function test_A06_control_withNoncesInTwoPlaces_anOrderSignedBothWaysFillsTwice() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.SharedNonce);
            Order memory order = anOrder(1e18, 9e17);
            order.nonce = uint64(i);
            Fill memory asked = aFill(weak, order);
            passes(weak, asked);
            (asked.kind, asked.signature) = (3, compact(OWNER_KEY, permit2Digest(order, address(weak))));
            check(weak, asked, i == 1);
            assertEq(ownerSold(), (i + 1) * 1e18);
            sell.mint(owner, ownerSold());
        }
    }

    /// @dev A08, A09: Signature `refusesTheSignatureForAnotherChainOrDeployment`.
    function test_A08_A09_control_withoutADomain_aSignatureHoldsElsewhere() public {
        for (uint256 i = 0; i < 2; ++i) {
            Omit omit = i == 0 ? Omit.Nothing : Omit.Domain;
            Fill memory asked = aFill(deploy(omit), anOrder(1e18, 9e17));
            check(deploy(omit), asked, i == 1);
            uint256 here = block.chainid;
            vm.chainId(5);
            check(deploy(omit), asked, i == 1);
            vm.chainId(here);
        }
        assertEq(ownerSold(), 2e18);
    }

    /// @dev A10: Signature `refusesTheTwinsOfASignature`.
    function test_A10_control_withTwinSignatures_anOrderFillsTwice() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.LowS);
            Fill memory asked = aFill(weak, anOrder(1e18, 9e17));
            (bytes32 r, bytes32 s, uint8 v) = abi.decode(asked.signature, (bytes32, bytes32, uint8));
            passes(weak, asked);
            asked.signature = abi.encode(r, bytes32(ORDER_N - uint256(s)), v == 27 ? 28 : 27);
            check(weak, asked, i == 1);
        }
        assertEq(ownerSold(), 3e18);
    }

    /// @dev A11: Signature `refusesTheZeroOwner`. The zero address holds what was burnt of this token.
    function test_A11_control_withTheZeroSigner_anyBytesSellForTheZeroAddress() public {
        OldToken burnt = new OldToken(false);
        addV3(address(burnt), address(buy), FEE, DEPTH);
        burnt.mint(address(0), 1e18);
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.ZeroSigner);
            vm.prank(address(0));
            burnt.approve(address(weak), 1e18);
            Order memory order = anOrder(1e18, 1);
            (order.owner, order.sellToken, order.receiver) = (address(0), IERC20(address(burnt)), attacker);
            Fill memory asked = aFill(weak, order);
            asked.signature = abi.encode(bytes32(uint256(1)), bytes32(uint256(1)), 99);
            check(weak, asked, i == 1);
        }
        assertEq(burnt.balanceOf(address(0)), 0);
        assertGt(buy.balanceOf(attacker), 9e17);
    }

    /// @dev A12: Signature `refusesAContractWithoutCode`.
    function test_A12_control_withAnyAnswer_anAccountWithoutCodeAgrees() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Answer);
            Order memory order = anOrder(1e18, 1);
            order.receiver = attacker;
            Fill memory asked = aFill(weak, order);
            (asked.kind, asked.signature) = (1, "");
            check(weak, asked, i == 1);
        }
        assertGt(buy.balanceOf(attacker), 9e17);
    }

    /// @dev A13: SettlementFuzz `refusesAnyFlippedBitOfOrderAndSignature`.
    function test_A13_control_withoutTheReceiverInTheHash_anyoneIsPaid() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Receiver);
            Fill memory asked = aFill(weak, anOrder(1e18, 9e17));
            asked.order.receiver = attacker;
            check(weak, asked, i == 1);
        }
        assertGt(buy.balanceOf(attacker), 9e17);
    }

    /// @dev A14: SettlementRefusals `takesTheLastSecondAndRefusesTheNext`.
    function test_A14_control_withoutADeadline_anOldOrderFills() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Deadline);
            Fill memory asked = aFill(weak, anOrder(1e18, 9e17));
            vm.warp(asked.order.validTo + 1);
            check(weak, asked, i == 1);
        }
        assertEq(ownerSold(), 1e18);
    }

    /// @dev A15: Nonces `refusesACancelledNonce`.
    function test_A15_control_withoutNonces_aCancelledOrderFills() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Nonce);
            Fill memory asked = aFill(weak, anOrder(1e18, 9e17));
            vm.prank(owner);
            weak.cancel(asked.order.nonce);
            check(weak, asked, i == 1);
        }
        assertEq(ownerSold(), 1e18);
    }

    /// @dev A16: Attacks `dustNeverPaysLessThanTheLimit`, SettlementFuzz `servesTheOwnerAsSignedOrDoesNothing`.
    function test_A16_control_withALimitRoundedDownForWhatWasSold_dustIsFree() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.WholeLimit);
            Fill memory asked = aFill(weak, anOrder(1000, 900));
            asked.amountIn = 1;
            check(weak, asked, i == 1);
        }
        assertEq(ownerSold(), 1);
        assertEq(buy.balanceOf(receiver), 0);
    }

    /// @dev A17: SettlementRefusals `refusesAnEmptyAmountOrLimit`.
    function test_A17_control_withAnEmptyLimit_theOwnerSellsForNothing() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Empty);
            Fill memory asked = aFill(weak, anOrder(1, 0));
            check(weak, asked, i == 1);
        }
        assertEq(ownerSold(), 1);
        assertEq(buy.balanceOf(receiver), 0);
    }

    /// @dev A18, a buy token that keeps a part: FeeTokens.
    function test_A18_control_withThePoolsWordAlone_theReceiverGetsLessThanTheLimit() public {
        FeeToken token = new FeeToken();
        addV3(address(sell), address(token), FEE, DEPTH);
        token.setFee(100);
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Arrival);
            Order memory order = anOrder(1e18, 99e16);
            order.buyToken = IERC20(address(token));
            check(weak, aFill(weak, order), i == 1);
        }
        assertLt(token.balanceOf(receiver), 988e15);
    }

    /// @dev A18 and A19, a token between that does not arrive or falls: OddTokens `refusesATokenBetweenThatDoesNotArrive`,
    /// Rebase `isNotPaidOutOfAGift`. A sell token that keeps a part has no control: the pools themselves refuse it.
    function test_A18_A19_control_withoutBooksOfWhatIsHeld_aGiftPaysThePool() public {
        LyingToken token = new LyingToken();
        addV3(address(sell), address(token), FEE, DEPTH);
        addV3(address(token), address(buy), FEE, DEPTH);
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Held);
            token.cheat(address(0));
            token.mint(address(weak), 1e24);
            token.cheat(address(weak));
            check(weak, overOne(aFill(weak, anOrder(1e18, 9e17)), address(token)), i == 1);
            assertEq(token.balanceOf(address(weak)) < 1e24, i == 1);
        }
    }

    /// @dev A20: OddTokens `revertsForAReceiverThatTheTokenBlocks`.
    function test_A20_control_withoutLookingAtAPayment_aBlockedReceiverSellsForNothing() public {
        BlockToken token = new BlockToken();
        addV3(address(sell), address(token), FEE, DEPTH);
        token.list(receiver);
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Result);
            Order memory order = anOrder(1e18, 9e17);
            order.buyToken = IERC20(address(token));
            check(weak, aFill(weak, order), i == 1);
        }
        assertEq(ownerSold(), 1e18);
        assertEq(token.balanceOf(receiver), 0);
    }

    /// @dev A21: OddTokens `isShutToATokenThatCallsBack`.
    function test_A21_control_withoutALock_anOrderFillsWithinItself() public {
        HookToken hostile = new HookToken();
        addV3(address(sell), address(hostile), FEE, DEPTH);
        addV3(address(hostile), address(buy), FEE, DEPTH);
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Lock);
            Order memory order = anOrder(1e18, 9e17);
            hostile.arm(address(weak), abi.encodeCall(WeakSettlement.fill, (aFill(weak, order))));
            // The fill within has used the nonce up when the one around it ends, so that one is another order.
            order.nonce = 8;
            passes(weak, overOne(aFill(weak, order), address(hostile)));
            assertEq(hostile.wentThrough(), i == 1);
        }
        assertEq(ownerSold(), 3e18);
    }

    /// @dev A26 and I22: Certificate.
    function test_A26_control_withoutCertificates_aLoserFillsAtTheLimit() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Certificate);
            Fill memory asked = anAuctionedFill(weak, solver);
            asked.certSignature = "";
            check(weak, asked, i == 1);
        }
    }

    function test_A26_control_withACertificateForAnyone_aLoserShowsTheWinners() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.Winner);
            Fill memory asked = anAuctionedFill(weak, makeAddr("winner"));
            check(weak, asked, i == 1);
        }
    }

    function test_A26_control_withACertificateForEver_theWinnerWaitsForHisPrice() public {
        for (uint256 i = 0; i < 2; ++i) {
            WeakSettlement weak = deploy(i == 0 ? Omit.Nothing : Omit.LastBlock);
            Fill memory asked = anAuctionedFill(weak, solver);
            vm.roll(asked.cert.lastBlock + 1);
            check(weak, asked, i == 1);
        }
    }
}
